import * as tf from "@tensorflow/tfjs";

/** Where each row and each column comes from. int32 */
export type Roll = readonly [tf.Tensor1D, tf.Tensor1D];

/** Images [height, width] rolled down and right: what leaves on one side comes in on the other. */
export function rollOf([height, width]: readonly [number, number], [down, right]: readonly [number, number]): Roll {
  return [rollIndices(height, down), rollIndices(width, right)];
}

/**
 * Where each row (or column) comes from.
 * @returns int32 [size]
 */
function rollIndices(size: number, shift: number): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from({ length: size }, (_, i) => (((i - shift) % size) + size) % size),
    "int32",
  );
}

/**
 * Rows and columns in another order, by indices that are tensors: a traced step can take others each time.
 * @param images [batch, height, width, channels]
 */
export function rearranged(images: tf.Tensor4D, ...[rows, columns]: Roll): tf.Tensor4D {
  return tf.gather(tf.gather(images, rows, 1), columns, 2);
}
