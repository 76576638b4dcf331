// Gradients of dilated convolutions, as convolutions with zeros between the taps.
import type * as tf from "@tensorflow/tfjs";
import { correct, runKernel } from "./register";
import { sizeOf } from "../../../core/chunks";

type Pair = [number, number];

interface ConvAttributes {
  strides: number | Pair;
  pad: unknown;
  dataFormat?: "NHWC" | "NCHW";
  dilations?: number | Pair;
  dimRoundingMode?: string;
}

/**
 * TF.js refuses to differentiate a convolution with a dilation above 1. It equals an ordinary convolution whose
 * kernel has zeros between its taps, and that one has gradients on every backend: with respect to the image as it
 * stands, with respect to the kernel by picking the taps out again.
 */
export function correctDilatedConvolutions(): void {
  correct<ConvAttributes>({
    kernelName: "Conv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, [x, filter], { strides, pad, dataFormat, dilations, dimRoundingMode }) => {
      const d = pair(dilations ?? 1);
      const attrs = { strides, pad, dataFormat, dimRoundingMode };
      return {
        x: () => runKernel("Conv2DBackpropInput", { dy, filter: spread(filter, d) }, { ...attrs, inputShape: x.shape }),
        filter: () =>
          gathered(
            runKernel("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: spreadShape(filter.shape, d) }),
            d,
          ),
      };
    },
  });
  correct<ConvAttributes>({
    kernelName: "DepthwiseConv2dNative",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, [x, filter], { strides, pad, dilations, dimRoundingMode }) => {
      const d = pair(dilations ?? 1);
      const attrs = { strides, pad, dilations: [1, 1], dimRoundingMode };
      return {
        x: () =>
          runKernel(
            "DepthwiseConv2dNativeBackpropInput",
            { dy, filter: spread(filter, d) },
            { ...attrs, inputShape: x.shape },
          ),
        filter: () =>
          gathered(
            runKernel(
              "DepthwiseConv2dNativeBackpropFilter",
              { x, dy },
              { ...attrs, filterShape: spreadShape(filter.shape, d) },
            ),
            d,
          ),
      };
    },
  });
}

const pair = (value: number | Pair): Pair => (typeof value === "number" ? [value, value] : value);
const spreadShape = ([h, w, ...rest]: number[], [dh, dw]: Pair): number[] => [
  (h - 1) * dh + 1,
  (w - 1) * dw + 1,
  ...rest,
];

/** [h, w, in, out] with zeros put between the taps. */
const spread = (filter: tf.Tensor, [dh, dw]: Pair): tf.Tensor => spaced(spaced(filter, 0, dh), 1, dw);

/** Only the taps. */
const gathered = (filter: tf.Tensor, [dh, dw]: Pair): tf.Tensor => everyNth(everyNth(filter, 0, dh), 1, dw);

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
function everyNth(t: tf.Tensor, axis: number, step: number): tf.Tensor {
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
  return {
    outer: sizeOf(shape.slice(0, axis)),
    size: shape[axis],
    inner: sizeOf(shape.slice(axis + 1)),
    shapeWith: (size) => shape.map((other, i) => (i === axis ? size : other)),
  };
}
