import * as tf from "@tensorflow/tfjs";

/**
 * A Gaussian blur along one axis as a matrix: weights cut off at 4 σ, edges mirrored with the edge itself repeated, as
 * SciPy's
 * `gaussian_filter1d` does by default.
 * @param sigma in pixels, above 0
 * @returns [size, size]
 */
export function blurMatrix(size: number, sigma: number): tf.Tensor2D {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / sigma) ** 2));
  const total = weights.reduce((a, b) => a + b);
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++)
    weights.forEach((weight, k) => {
      matrix[i * size + mirrored(i + k - radius, size)] += weight / total;
    });
  return tf.tensor2d(matrix, [size, size]);
}

/** @param images [batch, height, width, channels] @param rows [height, height] @param columns [width, width] */
export function blurred(images: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  return alongAxis(alongAxis(images, rows, 1), columns, 2);
}

/** Multiplies every line along an axis by a matrix. @param matrix [new size, size] */
export function alongAxis(images: tf.Tensor4D, matrix: tf.Tensor2D, axis: number): tf.Tensor4D {
  const order = [axis, ...[0, 1, 2, 3].filter((other) => other !== axis)];
  const moved = tf.transpose(images, order);
  const product = tf.matMul(matrix, tf.reshape(moved, [moved.shape[0], -1]) as tf.Tensor2D);
  const shaped = tf.reshape(product, [matrix.shape[0], ...moved.shape.slice(1)]);
  return tf.transpose(
    shaped,
    order.map((_, place) => order.indexOf(place)),
  ) as tf.Tensor4D;
}

/** d c b a | a b c d | d c b a */
function mirrored(index: number, size: number): number {
  const around = ((index % (2 * size)) + 2 * size) % (2 * size);
  return around < size ? around : 2 * size - 1 - around;
}
