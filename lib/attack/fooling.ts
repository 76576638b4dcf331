import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkOneOf, checkPositive } from "../attribution/check-options";
import { targetGradient } from "../attribution/target-logit";
import { repeated } from "../backend/compile/repeated";
import type { ImageInput, VisionModel } from "../model/vision-model";
import { resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { reached } from "./criterion";
import { unitStep } from "./norms";
import { runAttack } from "./run-attack";
import { untilReached } from "./until-reached";

export type FoolingSpace = "normalized" | "pixels";
export const foolingSpaces: readonly FoolingSpace[] = ["normalized", "pixels"];

export interface FoolingOptions<E extends Epsilon | undefined = Epsilon | undefined> extends AttackOptions {
  /** Length of each step. Above 0. Default: 1. */
  learningRate?: number;
  /** The attack gives up after so many steps. Integer ≥ 1. Default: 100. */
  maxIterations?: number;
  /**
   * Where a step has length `learningRate`: `normalized`, the space (image − mean)/std of `model.normalization`, as the recipe is
   * published (for ImageNet's networks a step is about 0.23 times as long in pixel values); or `pixels`. Default: "normalized".
   */
  space?: FoolingSpace;
  /** Cuts the perturbation back to this L2 length in pixel values; several for one result each. Default: none. */
  epsilon?: E;
}

/**
 * A fooling image, as in CS231n's network visualization: gradient ascent on the target's logit, x += learningRate · g/‖g‖₂ with
 * g = ∂logit/∂x, until the target is predicted, for the image as it is and cut to its bounds (after Szegedy et al. 2014, "Intriguing Properties of
 * Neural Networks", arXiv:1312.6199). `target` is required.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns distances in `l2`, of pixel values; `iterations` steps until the target was reached
 * @throws BadInputError, InterruptedError
 */
export async function fooling<E extends Epsilon | undefined = undefined>(
  model: VisionModel, images: ImageInput, options: FoolingOptions<E>,
): Promise<ResultFor<E, FoolingOptions>> {
  const learningRate = checkPositive("learningRate", options?.learningRate ?? 1);
  const maxIterations = checkInteger("maxIterations", options?.maxIterations ?? 100);
  const space = checkOneOf("space", options?.space ?? "normalized", foolingSpaces);
  const results = await runAttack<FoolingOptions>(model, images, {
    method: "fooling", norm: "l2", options: { ...options, learningRate, maxIterations, space }, epsilon: options?.epsilon,
    minimizes: true, only: "targeted", steps: maxIterations,
    perturb: async (block) => {
      const { std = [1] } = space === "normalized" ? block.model.normalization ?? {} : {};
      // As a whole image, which is multiplied faster than three numbers are spread.
      const [scale, rate] = [tf.tidy(() => tf.mul<tf.Tensor4D>(tf.onesLike(block.images.slice(0, 1)), [...std])), tf.scalar(learningRate)];
      const ascent = repeated(block.model, { times: maxIterations, key: "fooling" }, (x: tf.Tensor4D, oneHot: tf.Tensor2D, std: tf.Tensor4D, by: tf.Scalar) => ascend(block.model, x, oneHot, std, by));
      let ahead: tf.Tensor4D | undefined;
      try {
        return await untilReached(block, maxIterations, {
          // The pass through the network that the step takes anyway tells what it predicts.
          look: async (x) => {
            const { next, predicted } = tf.tidy(() => ascent.run(x, block.oneHot, scale, rate));
            ahead = next;
            return reached(block.goal, Array.from(await predicted.data().finally(() => predicted.dispose())));
          },
          step: async () => {
            const next = ahead!;
            ahead = undefined;
            return next;
          },
        });
      } finally {
        ahead?.dispose();
        ascent.dispose();
        tf.dispose([scale, rate]);
      }
    },
  });
  return resultFor(options.epsilon as E, results);
}

/** One step, and what is predicted before it. With z = (x − mean)/std, ∂/∂z = std · ∂/∂x, and a step in z is std times as long in x. */
function ascend(model: VisionModel, x: tf.Tensor4D, oneHot: tf.Tensor2D, std: tf.Tensor4D, rate: tf.Scalar): { next: tf.Tensor4D; predicted: tf.Tensor1D } {
  const inNormalised = tf.mul<tf.Tensor4D>(targetGradient(model, x, oneHot), std);
  const next = tf.add<tf.Tensor4D>(x, tf.mul(tf.mul(unitStep(inNormalised, "l2"), rate), std));
  return { next, predicted: tf.argMax<tf.Tensor1D>(model.logits(x), 1) };
}
