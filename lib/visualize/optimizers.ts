import * as tf from "@tensorflow/tfjs";
import { gradientNorm } from "./recipe-step";

/** Upward steps; state is what an optimizer remembers from step to step. */
export interface Optimizer {
  /** Its memory before the first step. */
  begin(parameters: tf.Tensor4D): tf.Tensor[];
  /** What changes from step to step, as tensors. @param t from 0 */
  inputs(t: number): tf.Tensor[];
  /** Pure. */
  step(parameters: tf.Tensor4D, gradient: tf.Tensor4D, learningRate: tf.Scalar, memory: readonly tf.Tensor[], inputs: readonly tf.Tensor[]): { parameters: tf.Tensor4D; memory: tf.Tensor[] };
}

export const optimizerNames = ["adam", "ascent"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

const beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

export const optimizers: Readonly<Record<OptimizerName, Optimizer>> = {
  /** Kingma & Ba 2015, arXiv:1412.6980; every number has its own step, so that images do not disturb each other. */
  adam: {
    begin: (parameters) => [tf.zerosLike(parameters), tf.zerosLike(parameters)],
    inputs: (t) => [tf.scalar(1 - beta1 ** (t + 1)), tf.scalar(1 - beta2 ** (t + 1))],
    step(parameters, gradient, learningRate, [mean, square], [bias1, bias2]) {
      const nextMean = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)), nextSquare = tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const move = tf.div(tf.div(nextMean, bias1), tf.add(tf.sqrt(tf.div(nextSquare, bias2)), epsilon));
      return { parameters: tf.add(parameters, tf.mul(learningRate, move)), memory: [nextMean, nextSquare] };
    },
  },
  /** η · g/‖g‖₂, each image by its own norm. */
  ascent: {
    begin: () => [],
    inputs: () => [],
    step: (parameters, gradient, learningRate) => ({ parameters: tf.add(parameters, tf.mul(learningRate, tf.div(gradient, gradientNorm(gradient)))), memory: [] }),
  },
};
