import type * as tf from "@tensorflow/tfjs";
import { correct, runKernel } from "./register";
import { everyNth, spaced } from "./spacing";

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
