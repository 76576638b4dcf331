import type { Inputs, Model, Values } from "../model/vision-model";
import type { AttackOptions, Epsilon, ResultFor } from "./attack";
import { oneStep } from "./fgsm";

export interface NormedGradientOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * Length of the step: the root of the sum of squares over all values of an image, absolute, on the images' own scale
   * (of
   * bounds [0, 255] it is 255 times what it is of [0, 1]). 0 to the bounds' width times √(number of values). A sign
   * step of
   * epsilon e has the length e · √(number of values). Several for one result each.
   */
  epsilon: E;
}

/**
 * The gradient itself in place of its sign: input + epsilon · ∇ loss / ‖∇ loss‖₂, the step that the loss answers to
 * most among all of that
 * length (Miyato et al. 2016, "Distributional Smoothing with Virtual Adversarial Training", arXiv:1507.00677, section
 * 3).
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
