import * as tf from "@tensorflow/tfjs";

/**
 * Where each row (or column) comes from when an image is rolled by `shift`: what leaves on one side comes in on the other.
 * @returns int32 [size]
 */
export function rollIndices(size: number, shift: number): tf.Tensor1D {
  return tf.tensor1d(Int32Array.from({ length: size }, (_, i) => (((i - shift) % size) + size) % size), "int32");
}

/**
 * Rows and columns in another order, by indices that are tensors: a traced step can take others each time.
 * @param images [batch, height, width, channels]
 */
export function rearranged(images: tf.Tensor4D, rows: tf.Tensor1D, columns: tf.Tensor1D): tf.Tensor4D {
  return tf.gather(tf.gather(images, rows, 1), columns, 2);
}
