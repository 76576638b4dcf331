import * as tf from "@tensorflow/tfjs";
import { targetGradient } from "../model/target-logit";
import { repeated } from "../backend/graph/model-graphs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, integer, number, oneOf, type Schema } from "../core/options";
import { attackOptions, cutOption, resultFor, type AttackOptions, type Epsilon, type ResultFor } from "./attack";
import { judge } from "./criterion";
import { unitStep } from "./norms";
import { runAttack, untilReached } from "./run-attack";

export type FoolingSpace = "normalized" | "pixels";
export const foolingSpaces: readonly FoolingSpace[] = ["normalized", "pixels"];

export interface FoolingOptions<E extends Epsilon | undefined = Epsilon | undefined> extends AttackOptions {
  /** Length of each step. Number above 0. Default: 1. */
  learningRate?: number;
  /** The attack gives up after so many steps. Integer ≥ 1. Default: 100. */
  maxIterations?: number;
  /**
   * Where a step has length `learningRate`: `normalized`, the space (image − mean)/std of `model.normalization`, as the
   * recipe is published (for ImageNet's networks a step is about 0.23 times as long in pixel values); or `pixels`.
   * Default: "normalized".
   */
  space?: FoolingSpace;
  /** Cuts the perturbation back to this L2 length in pixel values; several for one result each. Default: none. */
  epsilon?: E;
}

export const foolingOptions = {
  ...attackOptions,
  learningRate: number({ above: 0, default: 1, help: "length of each step", traced: "input" }),
  maxIterations: integer({ least: 1, default: 100, help: "the attack gives up after so many steps", traced: "input" }),
  space: oneOf(foolingSpaces, {
    default: "normalized",
    help: "where a step has that length: the model's normalized space, or pixel values",
    traced: "input",
  }),
  epsilon: cutOption,
} satisfies Schema<FoolingOptions>;

/**
 * A fooling image, as in CS231n's network visualization: gradient ascent on the target's logit, x += learningRate ·
 * g/‖g‖₂ with g = ∂logit/∂x, until the target is predicted, for the image as it is and cut to its bounds (after Szegedy
 * et al. 2014, "Intriguing Properties of Neural Networks", arXiv:1312.6199). `target` is required.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `l2`, of pixel values; `iterations` steps until the target was reached
 * @throws BadInputError, InterruptedError
 */
export async function fooling<E extends Epsilon | undefined = undefined, M extends Model = Model>(
  model: M,
  inputs: Inputs,
  options: FoolingOptions<E>,
): Promise<ResultFor<E, FoolingOptions, Values<M>>> {
  const checked = checkOptions(foolingOptions, options),
    { learningRate, maxIterations, space, epsilon } = checked;
  const results = await runAttack<FoolingOptions, M>(model, inputs, {
    method: "fooling",
    norm: "l2",
    schema: foolingOptions,
    options: checked,
    epsilon,
    minimizes: true,
    only: "targeted",
    steps: maxIterations,
    perturb: async (block) => {
      const { std = [1] } = space === "normalized" ? (block.model.normalization ?? {}) : {};
      // As a whole image, which is multiplied faster than three numbers are spread.
      const [scale, rate] = [
        tf.tidy(() => tf.mul(tf.onesLike(tf.slice(block.inputs, 0, 1)), [...std])),
        tf.scalar(learningRate),
      ];
      const ascent = repeated(
        block.model,
        { times: maxIterations, key: block.stepKey },
        (x: tf.Tensor, rows: tf.Tensor2D, std: tf.Tensor, by: tf.Scalar) => ascend(block.model, x, rows, std, by),
      );
      let ahead: tf.Tensor | undefined;
      try {
        return await untilReached(block, maxIterations, {
          // The pass through the network that the step takes anyway tells what it predicts.
          look: async (x) => {
            const { next, logits } = tf.tidy(() => ascent.run(x, block.rows, scale, rate));
            ahead = next;
            const values = (await logits.data().finally(() => logits.dispose())) as Float32Array,
              units = values.length / x.shape[0];
            return judge(
              block.model,
              block.goal,
              Array.from({ length: x.shape[0] }, (_, i) => values.subarray(i * units, (i + 1) * units)),
            ).reached;
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
  return resultFor(options?.epsilon as E, results);
}

/**
 * One step, and the logits before it. With z = (x − mean)/std, ∂/∂z = std · ∂/∂x, and a step in z is std times as long
 * in x.
 */
function ascend(
  model: Model,
  x: tf.Tensor,
  rows: tf.Tensor2D,
  std: tf.Tensor,
  rate: tf.Scalar,
): { next: tf.Tensor; logits: tf.Tensor } {
  const inNormalised = tf.mul(targetGradient(model, x, rows), std);
  const next = tf.add(x, tf.mul(tf.mul(unitStep(inNormalised, "l2"), rate), std));
  return { next, logits: model.logits(x) };
}
