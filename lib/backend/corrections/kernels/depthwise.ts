// Depthwise convolutions: gradients for wasm, dilations for TensorFlow.
import * as tf from "@tensorflow/tfjs";
import { registerJavaScriptKernel, zeros, type Shape4, wrapKernel } from "./javascript-kernel";
import { spaced } from "../gradients/dilated-convolutions";

interface DepthwiseAttributes {
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  inputShape?: Shape4;
  filterShape?: Shape4;
}

/** wasm has the depthwise convolution but neither of its gradients. */
export function addDepthwiseBackprop(backendName: string): void {
  registerJavaScriptKernel<DepthwiseAttributes>(
    backendName,
    "DepthwiseConv2dNativeBackpropInput",
    ({ dy, filter }, attrs) => {
      const dx = zeros(attrs.inputShape as Shape4);
      const w = filter.values,
        d = dy.values;
      eachTap(dx.shape, filter.shape, attrs, (image, tap, output) => {
        dx.values[image] += w[tap] * d[output];
      });
      return dx;
    },
  );
  registerJavaScriptKernel<DepthwiseAttributes>(
    backendName,
    "DepthwiseConv2dNativeBackpropFilter",
    ({ x, dy }, attrs) => {
      const dw = zeros(attrs.filterShape as Shape4);
      const image = x.values,
        d = dy.values;
      eachTap(x.shape, dw.shape, attrs, (pixel, tap, output) => {
        dw.values[tap] += image[pixel] * d[output];
      });
      return dw;
    },
  );
}

/** Calls `visit` with the indices of every product that the convolution adds up: image · filter → output. */
function eachTap(
  image: number[],
  filter: number[],
  attrs: DepthwiseAttributes,
  visit: (image: number, tap: number, output: number) => void,
): void {
  const info = tf.backend_util.computeConv2DInfo(
    image as Shape4,
    filter as Shape4,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  );
  const {
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padInfo,
  } = info;
  const multiplier = filter[3];
  const inner = inChannels * multiplier;
  for (let b = 0; b < batchSize; b++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const output = ((b * outHeight + i) * outWidth + j) * inner;
        for (let fi = 0; fi < filterHeight; fi++) {
          const row = i * strideHeight - padInfo.top + fi;
          if (row < 0 || row >= inHeight) continue;
          for (let fj = 0; fj < filterWidth; fj++) {
            const column = j * strideWidth - padInfo.left + fj;
            if (column < 0 || column >= inWidth) continue;
            const pixel = ((b * inHeight + row) * inWidth + column) * inChannels;
            const tap = (fi * filterWidth + fj) * inner;
            for (let k = 0; k < inner; k++) visit(pixel + Math.floor(k / multiplier), tap + k, output + k);
          }
        }
      }
    }
  }
}

/**
 * On some processors TensorFlow's oneDNN has no depthwise convolution with a dilation ("Current kernel implementation
 * does not support dilations"). It equals one whose kernel has zeros between its taps, which all have.
 */
export function replaceDilatedDepthwise(backendName: string): void {
  for (const kernelName of ["DepthwiseConv2dNative", "FusedDepthwiseConv2D"]) {
    wrapKernel(backendName, kernelName, (original) => (params) => {
      const { filter } = params.inputs as Record<string, tf.Tensor4D>;
      // Layers give null.
      const dilations = (params.attrs as { dilations?: number | [number, number] | null }).dilations ?? 1;
      const [down, across] = typeof dilations === "number" ? [dilations, dilations] : dilations;
      if (down * across === 1 || !(filter instanceof tf.Tensor)) return original(params);
      return tf.tidy(
        () =>
          original({
            ...params,
            inputs: { ...params.inputs, filter: spaced(spaced(filter, 0, down), 1, across) },
            attrs: { ...params.attrs, dilations: [1, 1] },
          }) as tf.Tensor,
      );
    });
  }
}
