import * as tf from "@tensorflow/tfjs";
import { adamDirection, corrections, nextMeans } from "../core/adam";
import { gradientNorm } from "./recipe-step";

/** Upward steps; state is what an optimizer remembers from step to step. */
export interface Optimizer {
  /** Its memory before the first step. */
  begin(parameters: tf.Tensor4D): tf.Tensor[];
  /** What changes from step to step, as tensors. @param t from 0 */
  inputs(t: number): tf.Tensor[];
  /** Pure. */
  step(
    parameters: tf.Tensor4D,
    gradient: tf.Tensor4D,
    learningRate: tf.Scalar,
    memory: readonly tf.Tensor[],
    inputs: readonly tf.Tensor[],
  ): { parameters: tf.Tensor4D; memory: tf.Tensor[] };
}

export const optimizerNames = ["adam", "ascent"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = {
  adam: {
    begin: (parameters) => [tf.zerosLike(parameters), tf.zerosLike(parameters)],
    inputs: (t) => corrections(t + 1),
    step(parameters, gradient, learningRate, [mean, square], corrected) {
      const means = nextMeans({ mean, square }, gradient),
        move = adamDirection(means, corrected);
      return { parameters: tf.add(parameters, tf.mul(learningRate, move)), memory: [means.mean, means.square] };
    },
  },
  /** η · g/‖g‖₂, each image by its own norm. */
  ascent: {
    begin: () => [],
    inputs: () => [],
    step: (parameters, gradient, learningRate) => ({
      parameters: tf.add(parameters, tf.mul(learningRate, tf.div(gradient, gradientNorm(gradient)))),
      memory: [],
    }),
  },
};
