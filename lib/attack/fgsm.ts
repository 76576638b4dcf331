// Attacks of a single step along the gradient: by its sign, and by itself.

import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, type Checked, type Schema } from "../core/options";
import { attackOptions, epsilonOption, resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { lossGradient, unitStep, type EpsilonNorm } from "./norms";
import { runAttack } from "./run-attack";

export interface FgsmOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * How far every value moves, absolute, on the images' own scale (of bounds [0, 255] it is 255 times what it is of [0,
   * 1]); several for one result each. 0 to the bounds' width. Published: 0.01 and less for photographs in [0, 1].
   */
  epsilon: E;
}

export const fgsmOptions = { ...attackOptions, epsilon: epsilonOption } satisfies Schema<FgsmOptions>;

/**
 * The fast gradient sign method: input + epsilon · sign(∇ loss), the loss being the cross-entropy of the class to leave
 * (of the class to reach: −∇). (Goodfellow, Shlens & Szegedy 2015, "Explaining and Harnessing Adversarial Examples",
 * arXiv:1412.6572.)
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `linf`; for a list of epsilons one result each
 * @throws BadInputError, InterruptedError
 */
export async function fgsm<E extends Epsilon, M extends Model>(
  model: M,
  inputs: Inputs,
  options: FgsmOptions<E>,
): Promise<ResultFor<E, FgsmOptions, Values<M>>> {
  return oneStep(model, inputs, "fgsm", "linf", options);
}

/** One step along the gradient, of a size that the norm measures. */
async function oneStep<E extends Epsilon, M extends Model>(
  model: M,
  inputs: Inputs,
  method: string,
  norm: EpsilonNorm,
  options: AttackOptions & { epsilon: E },
): Promise<ResultFor<E, AttackOptions & { epsilon: Epsilon }, Values<M>>> {
  const checked: Checked<typeof fgsmOptions> = checkOptions(fgsmOptions, options);
  const results = await runAttack<FgsmOptions, M>(model, inputs, {
    method,
    norm,
    schema: fgsmOptions,
    options: checked,
    epsilon: checked.epsilon,
    direction: ({ model, inputs, rows, goal }) => unitStep(lossGradient(model, inputs, rows, goal.targeted), norm),
    perturb: async ({ inputs, direction, advance }, epsilon) => {
      const raw = tf.tidy(() => tf.add(inputs, tf.mul(direction!, epsilon)));
      advance(inputs.shape[0]);
      return { raw, iterations: new Array<number>(inputs.shape[0]).fill(1) };
    },
  });
  return resultFor(options.epsilon, results);
}

export interface NormedGradientOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * Length of the step: the root of the sum of squares over all values of an image, absolute, on the images' own scale
   * (of bounds [0, 255] it is 255 times what it is of [0, 1]). 0 to the bounds' width times √(number of values). A sign
   * step of epsilon e has the length e · √(number of values). Several for one result each.
   */
  epsilon: E;
}

/** What is measured differs, and not what may be given. */
export const normedGradientOptions = fgsmOptions satisfies Schema<NormedGradientOptions>;

/**
 * The gradient itself in place of its sign: input + epsilon · ∇ loss / ‖∇ loss‖₂, the step that the loss answers to
 * most among all of that length (Miyato et al. 2016, "Distributional Smoothing with Virtual Adversarial Training",
 * arXiv:1507.00677, section 3).
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `l2`; for a list of epsilons one result each
 * @throws BadInputError, InterruptedError
 */
export async function normedGradient<E extends Epsilon, M extends Model>(
  model: M,
  inputs: Inputs,
  options: NormedGradientOptions<E>,
): Promise<ResultFor<E, NormedGradientOptions, Values<M>>> {
  return oneStep(model, inputs, "normed-gradient", "l2", options);
}
