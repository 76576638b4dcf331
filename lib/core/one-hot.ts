import * as tf from "@tensorflow/tfjs";

/** @returns [indices, classes], 1 at each row's index and 0 elsewhere */
export function oneHotRows(indices: readonly number[], classes: number): tf.Tensor2D {
  const rows = new Float32Array(indices.length * classes);
  indices.forEach((index, row) => {
    rows[row * classes + index] = 1;
  });
  return tf.tensor2d(rows, [indices.length, classes]);
}
