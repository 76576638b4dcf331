import * as tf from "@tensorflow/tfjs";

/** `l2`: root of the sum of squares; `linf`: largest absolute value; `l0`: number of pixels that differ, in whatever channel. */
export type Norm = EpsilonNorm | "l0";
/** Those in which a perturbation can be cut back to a size. */
export type EpsilonNorm = "l2" | "linf";

/** Steers clear of a division by 0. */
const least = 1e-12;

/** The size of each image's perturbation. @param change [batch, height, width, channels] @returns [batch] */
export function sizes(change: tf.Tensor4D, norm: Norm): tf.Tensor1D {
  return tf.tidy(() => {
    if (norm === "l2") return tf.sqrt(tf.sum(tf.square(change), [1, 2, 3])) as tf.Tensor1D;
    if (norm === "linf") return tf.max(tf.abs(change), [1, 2, 3]) as tf.Tensor1D;
    return tf.sum(tf.cast(tf.greater(tf.max(tf.abs(change), 3), 0), "float32"), [1, 2]) as tf.Tensor1D;
  });
}

/** One number per image, in a shape that multiplies images. @param values [batch] @returns [batch, 1, 1, 1] */
export const perImage = (values: tf.Tensor): tf.Tensor4D => tf.reshape(values, [-1, 1, 1, 1]);

/** The step of size 1 that raises a score fastest, by its gradient; where that is 0, no step. */
export function unitStep(gradient: tf.Tensor4D, norm: EpsilonNorm): tf.Tensor4D {
  return tf.tidy(() => (norm === "linf" ? tf.sign(gradient) : tf.div(gradient, perImage(tf.maximum(sizes(gradient, "l2"), least)))));
}

/**
 * Perturbations cut back to a size: each value (`linf`), or all of an image by one factor (`l2`).
 * @param epsilon a number, or a scalar tensor
 */
export function cutBack(change: tf.Tensor4D, norm: EpsilonNorm, epsilon: tf.Scalar | number): tf.Tensor4D {
  return tf.tidy(() => {
    if (norm === "linf") return tf.minimum(tf.maximum(change, tf.neg(epsilon)), epsilon);
    return tf.mul(change, perImage(tf.minimum(1, tf.div(epsilon, tf.maximum(sizes(change, "l2"), least)))));
  });
}
