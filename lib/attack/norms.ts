import * as tf from "@tensorflow/tfjs";

/**
 * `l2`: root of the sum of squares; `linf`: largest absolute value; `l0`: number of pixels (steps, features) that
 * differ, in whatever channel.
 */
export type Norm = EpsilonNorm | "l0";
/** Those in which a perturbation can be cut back to a size. */
export type EpsilonNorm = "l2" | "linf";

/** Steers clear of a division by 0. */
const least = 1e-12;

/** The size of each input's perturbation. @param change [batch, …] @returns [batch] */
export function sizes(change: tf.Tensor, norm: Norm): tf.Tensor1D {
  const inner = change.shape.map((_, axis) => axis).slice(1);
  return tf.tidy(() => {
    if (norm === "l2") return tf.sqrt(tf.sum(tf.square(change), inner)) as tf.Tensor1D;
    if (norm === "linf") return tf.max(tf.abs(change), inner) as tf.Tensor1D;
    // A pixel counts once, whichever of its channels differ.
    const places = change.rank > 2 ? tf.max(tf.abs(change), change.rank - 1) : tf.abs(change);
    return tf.sum(
      tf.cast(tf.greater(places, 0), "float32"),
      places.shape.map((_, axis) => axis).slice(1),
    ) as tf.Tensor1D;
  });
}

/**
 * One number per input, in a shape that multiplies inputs. @param values [batch] @param like [batch, …] @returns
 * [batch, 1, …]
 */
export const perInput = (values: tf.Tensor, like: tf.Tensor): tf.Tensor =>
  tf.reshape(
    values,
    like.shape.map((_, axis) => (axis === 0 ? -1 : 1)),
  );

/** The step of size 1 that raises a score fastest, by its gradient; where that is 0, no step. */
export function unitStep<T extends tf.Tensor>(gradient: T, norm: EpsilonNorm): T {
  return tf.tidy(() =>
    norm === "linf"
      ? tf.sign(gradient)
      : tf.div(gradient, perInput(tf.maximum(sizes(gradient, "l2"), least), gradient)),
  );
}

/**
 * Perturbations cut back to a size: each value (`linf`), or all of an input by one factor (`l2`).
 * @param epsilon a number, or a scalar tensor
 */
export function cutBack<T extends tf.Tensor>(change: T, norm: EpsilonNorm, epsilon: tf.Scalar | number): T {
  return tf.tidy(() => {
    if (norm === "linf") return tf.minimum(tf.maximum(change, tf.neg(epsilon)), epsilon);
    return tf.mul(change, perInput(tf.minimum(1, tf.div(epsilon, tf.maximum(sizes(change, "l2"), least))), change));
  });
}
