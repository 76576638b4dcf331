import type * as tf from "@tensorflow/tfjs";

/** Puts `step` − 1 zeros between the slices along `axis`: a b c → a 0 b 0 c. */
export function spaced(t: tf.Tensor, axis: number, step: number): tf.Tensor {
  if (step === 1) return t;
  const { outer, size, inner, shapeWith } = around(t.shape, axis);
  const length = (size - 1) * step + 1;
  return t
    .reshape([outer * size, 1, inner])
    .pad([
      [0, 0],
      [0, step - 1],
      [0, 0],
    ])
    .reshape([outer, size * step, inner])
    .slice([0, 0, 0], [outer, length, inner])
    .reshape(shapeWith(length));
}

/** The inverse: every `step`-th slice along `axis`, from the first on. */
export function everyNth(t: tf.Tensor, axis: number, step: number): tf.Tensor {
  if (step === 1) return t;
  const { outer, size, inner, shapeWith } = around(t.shape, axis);
  const count = Math.ceil(size / step);
  return t
    .reshape([outer, size, inner])
    .pad([
      [0, 0],
      [0, count * step - size],
      [0, 0],
    ])
    .reshape([outer * count, step, inner])
    .slice([0, 0, 0], [outer * count, 1, inner])
    .reshape(shapeWith(count));
}

function around(
  shape: number[],
  axis: number,
): { outer: number; size: number; inner: number; shapeWith: (size: number) => number[] } {
  const product = (sizes: number[]): number => sizes.reduce((a, b) => a * b, 1);
  return {
    outer: product(shape.slice(0, axis)),
    size: shape[axis],
    inner: product(shape.slice(axis + 1)),
    shapeWith: (size) => shape.map((other, i) => (i === axis ? size : other)),
  };
}
