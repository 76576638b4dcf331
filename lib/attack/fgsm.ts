import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import { resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { lossGradient } from "./loss";
import { unitStep, type EpsilonNorm } from "./norms";
import { runAttack } from "./run-attack";

export interface FgsmOptions<E extends Epsilon = Epsilon> extends AttackOptions {
  /**
   * How far every value moves, absolute, on the images' own scale (of bounds [0, 255] it is 255 times what it is of [0, 1]); several for one
   * result each. 0 to the bounds' width. Published: 0.01 and less for photographs in [0, 1].
   */
  epsilon: E;
}

/**
 * The fast gradient sign method: image + epsilon · sign(∇ loss), the loss being the cross-entropy of the class to leave (of the class
 * to reach: −∇). (Goodfellow, Shlens & Szegedy 2015, "Explaining and Harnessing Adversarial Examples", arXiv:1412.6572.)
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns distances in `linf`; for a list of epsilons one result each
 * @throws BadInputError, InterruptedError
 */
export async function fgsm<E extends Epsilon>(model: VisionModel, images: ImageInput, options: FgsmOptions<E>): Promise<ResultFor<E, FgsmOptions>> {
  return oneStep<E, FgsmOptions>(model, images, "fgsm", "linf", options);
}

/** One step along the gradient, of a size that the norm measures. */
export async function oneStep<E extends Epsilon, Options extends AttackOptions & { epsilon: Epsilon }>(
  model: VisionModel, images: ImageInput, method: string, norm: EpsilonNorm, options: Options,
): Promise<ResultFor<E, Options>> {
  const results = await runAttack<Options>(model, images, {
    method, norm, options: { ...options }, epsilon: options?.epsilon,
    direction: ({ model, images, oneHot, goal }) => unitStep(lossGradient(model, images, oneHot, goal.targeted), norm),
    perturb: async ({ images, direction, advance }, epsilon) => {
      const raw = tf.tidy(() => tf.add<tf.Tensor4D>(images, tf.mul(direction!, epsilon)));
      advance(images.shape[0]);
      return { raw, iterations: new Array<number>(images.shape[0]).fill(1) };
    },
  });
  return resultFor(options.epsilon as E, results);
}
