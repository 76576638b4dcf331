import * as tf from "@tensorflow/tfjs";

export const beta1 = 0.9,
  beta2 = 0.999;

/** (1 − β₁ᵗ, 1 − β₂ᵗ): what the means, which begin at 0, are divided by. @param t 1 for the first step */
export const corrections = (t: number): tf.Scalar[] => [tf.scalar(1 - beta1 ** t), tf.scalar(1 - beta2 ** t)];

/** Adam's two running means: of the gradient, and of its square. */
export interface Means {
  readonly mean: tf.Tensor;
  readonly square: tf.Tensor;
}

/** Both means with the gradient of one more step. Pure. */
export function nextMeans({ mean, square }: Means, gradient: tf.Tensor): Means {
  return {
    mean: tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)),
    square: tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)),
  };
}

/**
 * Where a step of Adam goes, before the learning rate (Kingma & Ba 2015, arXiv:1412.6980). Every number has its own
 * step, so that images do not disturb each other. Pure.
 * @param corrected as {@link corrections}, as tensors: a traced step must not freeze them
 */
export function adamDirection(
  { mean, square }: Means,
  [first, second]: readonly tf.Tensor[],
  epsilon = 1e-8,
): tf.Tensor {
  return tf.div(tf.div(mean, first), tf.add(tf.sqrt(tf.div(square, second)), epsilon));
}
