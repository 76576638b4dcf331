import * as tf from "@tensorflow/tfjs";
import { correct, runKernel } from "./register";

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
        filter: () => gather(runKernel("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: spreadShape(filter.shape, d) }), filter.shape, d),
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
        x: () => runKernel("DepthwiseConv2dNativeBackpropInput", { dy, filter: spread(filter, d) }, { ...attrs, inputShape: x.shape }),
        filter: () => gather(runKernel("DepthwiseConv2dNativeBackpropFilter", { x, dy }, { ...attrs, filterShape: spreadShape(filter.shape, d) }), filter.shape, d),
      };
    },
  });
}

const pair = (value: number | Pair): Pair => (typeof value === "number" ? [value, value] : value);
const spreadShape = ([h, w, ...rest]: number[], [dh, dw]: Pair): number[] => [(h - 1) * dh + 1, (w - 1) * dw + 1, ...rest];

/** [h, w, in, out] with zeros put between the taps. */
function spread(filter: tf.Tensor, [dh, dw]: Pair): tf.Tensor {
  if (dh === 1 && dw === 1) return filter;
  const [h, w, ...rest] = filter.shape;
  const inner = rest.reduce((a, b) => a * b, 1);
  const wide = filter.reshape([h * w, 1, inner]).pad([[0, 0], [0, dw - 1], [0, 0]]).reshape([h, w * dw, inner]).slice([0, 0, 0], [h, (w - 1) * dw + 1, inner]);
  const row = ((w - 1) * dw + 1) * inner;
  const tall = wide.reshape([h, 1, row]).pad([[0, 0], [0, dh - 1], [0, 0]]).reshape([h * dh, row]).slice([0, 0], [(h - 1) * dh + 1, row]);
  return tall.reshape(spreadShape(filter.shape, [dh, dw]));
}

/** The inverse of {@link spread}: only the taps. */
function gather(spreadOut: tf.Tensor, shape: number[], [dh, dw]: Pair): tf.Tensor {
  if (dh === 1 && dw === 1) return spreadOut;
  const [h, w, ...rest] = shape;
  const inner = rest.reduce((a, b) => a * b, 1);
  const wide = (w - 1) * dw + 1;
  const rows = spreadOut.reshape([(h - 1) * dh + 1, wide * inner]).pad([[0, dh - 1], [0, 0]]).reshape([h, dh, wide * inner]).slice([0, 0, 0], [h, 1, wide * inner]);
  const taps = rows.reshape([h, wide, inner]).pad([[0, 0], [0, dw - 1], [0, 0]]).reshape([h * w, dw, inner]).slice([0, 0, 0], [h * w, 1, inner]);
  return taps.reshape(shape);
}
