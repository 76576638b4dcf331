import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkOneOf } from "../core/check-options";
import type { Inputs, Model, Values } from "../model/vision-model";
import { resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { noiseLike } from "../core/noise";
import { unitStep, type EpsilonNorm } from "./norms";
import { runAttack } from "./run-attack";

export const epsilonNorms: readonly EpsilonNorm[] = ["linf", "l2"];

export interface RandomNoiseOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * Size of the noise, absolute, on the images' own scale (of bounds [0, 255] it is 255 times what it is of [0, 1]);
   * several for one result each.
   * 0 to the bounds' width (`linf`), or that times the root of the number of values (`l2`).
   */
  epsilon: E;
  /**
   * `linf`: every value moves by epsilon up or down, as a sign step does (and has its L2 length too); `l2`: a random
   * direction of length
   * epsilon, as the normed gradient has. Default: "linf".
   */
  norm?: EpsilonNorm;
  /** The same seed gives the same noise, to every image. Integer ≥ 0. Default: 0. */
  seed?: number;
}

/**
 * Noise of the same size as an attack, as a control: it knows nothing of the model.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `norm`; for a list of epsilons one result each, the same noise scaled
 * @throws BadInputError, InterruptedError
 */
export async function randomNoise<E extends Epsilon, M extends Model>(
  model: M,
  inputs: Inputs,
  options: RandomNoiseOptions<E>,
): Promise<ResultFor<E, RandomNoiseOptions, Values<M>>> {
  const norm = checkOneOf("norm", options?.norm ?? "linf", epsilonNorms);
  const seed = checkInteger("seed", options?.seed ?? 0, 0);
  const results = await runAttack<RandomNoiseOptions, M>(model, inputs, {
    method: "random-noise",
    norm,
    options: { ...options, norm, seed },
    epsilon: options?.epsilon,
    direction: (block) =>
      unitStep(
        noiseLike(block, seed, (source) => source.normal()),
        norm,
      ),
    perturb: async ({ inputs, direction, advance }, epsilon) => {
      const raw = tf.tidy(() => tf.add(inputs, tf.mul(direction!, epsilon)));
      advance(inputs.shape[0]);
      return { raw, iterations: new Array<number>(inputs.shape[0]).fill(1) };
    },
  });
  return resultFor(options.epsilon, results);
}
