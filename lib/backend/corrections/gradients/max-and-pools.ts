// Gradients of maxima and pooling: one of several equals gets it, and rounding counts.
import * as tf from "@tensorflow/tfjs";
import { correct, runKernel } from "./register";
import { sizeOf } from "../../../core/chunks";

/** The same thing under two names. */
interface ReductionAttributes {
  reductionIndices?: number | number[];
  axis?: number | number[];
}

/**
 * TF.js gives the whole gradient to every element that equals the maximum, so that with n ties the result is n
 * times too large in total (flat backgrounds make ties common). The first one in row-major order gets it, as in
 * max-pooling.
 */
export function correctMaxTies(): void {
  for (const kernelName of ["Max", "Min"]) {
    correct<ReductionAttributes>({
      kernelName,
      inputsToSave: ["x"],
      outputsToSave: [true],
      gradFunc: (dy, [x, y], { reductionIndices, axis }) => ({
        x: () => toFirstTie(dy, x, y, tf.util.parseAxisParam((reductionIndices ?? axis) as number[], x.shape)),
      }),
    });
  }
}

function toFirstTie(dy: tf.Tensor, x: tf.Tensor, y: tf.Tensor, axes: number[]): tf.Tensor {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const ties = tf.cast(tf.equal(x, y.reshape(kept)), "float32");
  return firstOne(ties, axes).mul(dy.reshape(kept));
}

/** Of the ones in `mask`, keeps the first along `axes` taken together in row-major order. */
function firstOne(mask: tf.Tensor, axes: number[]): tf.Tensor {
  const others = mask.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...others, ...[...axes].sort((a, b) => a - b)];
  const moved = mask.transpose(order);
  const rows = moved.reshape([-1, sizeOf(axes.map((axis) => mask.shape[axis]))]);
  const seenBefore = tf.cumsum(rows, 1, true);
  const first = rows.mul(tf.cast(tf.equal(seenBefore, 0), "float32"));
  return first.reshape(moved.shape).transpose(order.map((_, axis) => order.indexOf(axis)));
}

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: unknown;
  dimRoundingMode?: string;
}

/**
 * TF.js's gradients of both poolings forget `dimRoundingMode`, so that a pooling with `ceil` (Caffe's) is
 * differentiated as if it had fewer outputs. What the kernels behind them get wrong is put right in `../kernels`.
 */
export function correctPools(): void {
  correct<PoolAttributes>({
    kernelName: "MaxPool",
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [input, output], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () => runKernel("MaxPoolGrad", { dy, input, output }, { filterSize, strides, pad, dimRoundingMode }),
    }),
  });
  correct<PoolAttributes>({
    kernelName: "AvgPool",
    inputsToSave: ["x"],
    gradFunc: (dy, [input], { filterSize, strides, pad, dimRoundingMode }) => ({
      x: () => runKernel("AvgPoolGrad", { dy, input }, { filterSize, strides, pad, dimRoundingMode }),
    }),
  });
}
