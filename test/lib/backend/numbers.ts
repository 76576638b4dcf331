import * as tf from "@tensorflow/tfjs";

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Fixed numbers from −1.3 to 1.3, evenly spread and shuffled: an input without ties or kinks (up to 120 of them). */
export function input(shape: number[]): tf.Tensor {
  const size = sizeOf(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => ((((i * 73 + 5) % size) + 0.25) / size) * 2.6 - 1.3),
    shape,
  );
}

/** Other fixed numbers, for weights. */
export function weights<T extends tf.Tensor = tf.Tensor>(...shape: number[]): T {
  return tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(i * 2.3 + 0.4)),
    shape,
  ) as T;
}

/** A weighted sum with weights all different, so that no error in a gradient can cancel out. */
export function weighted(y: tf.Tensor): tf.Tensor {
  const factors = Float32Array.from({ length: y.size }, (_, i) => Math.sin(10 + i * 1.7));
  return tf.sum(tf.mul(y.flatten(), tf.tensor1d(factors)));
}
