import * as tf from "@tensorflow/tfjs";

/**
 * Max-pooling as Caffe and PyTorch's `ceil_mode` do it: a window that hangs over the lower or right edge counts too,
 * with
 * what lies outside left out.
 * @param x [batch, height, width, channels]
 */
export function maxPoolCeil(x: tf.Tensor4D, size: number, stride: number): tf.Tensor4D {
  const over = [x.shape[1], x.shape[2]].map((length) => overhang(length, size, stride));
  if (over.every((each) => each === 0)) return tf.maxPool(x, size, stride, "valid");
  // TensorFlow's own padding, where it comes to the same: nothing in front, and as much behind.
  const same = [x.shape[1], x.shape[2]].every(
    (length, axis) => samePadding(length, size, stride) === over[axis] && over[axis] <= 1,
  );
  if (same) return tf.maxPool(x, size, stride, "same");
  return tf.maxPool(
    tf.pad(
      x,
      [
        [0, 0],
        [0, over[0]],
        [0, over[1]],
        [0, 0],
      ],
      -3e38,
    ),
    size,
    stride,
    "valid",
  );
}

function overhang(length: number, size: number, stride: number): number {
  const outputs = Math.ceil((length - size) / stride) + 1;
  return Math.max(0, (outputs - 1) * stride + size - length);
}

const samePadding = (length: number, size: number, stride: number): number =>
  Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length);
