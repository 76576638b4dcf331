import * as tf from "@tensorflow/tfjs";
import { replaceKernel, type Shape4 } from "./javascript-kernel";

interface FilterBackpropAttributes {
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  dataFormat: "NHWC" | "NCHW";
  filterShape: Shape4;
}

/**
 * wasm lacks the gradient of a convolution with respect to its kernel, without which nothing can be trained there.
 * It is itself a convolution: of the image, channels and batch exchanged, with dy as the kernel, whose taps lie
 * as far apart as the strides.
 */
export function addConvFilterBackprop(backendName: string): void {
  replaceKernel(backendName, "Conv2DBackpropFilter", ({ inputs, attrs }) =>
    tf.tidy(() =>
      filterGradient(inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D, attrs as unknown as FilterBackpropAttributes),
    ),
  );
}

function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attrs: FilterBackpropAttributes): tf.Tensor4D {
  const { filterShape, strides, pad, dimRoundingMode } = attrs;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
  const { inHeight, inWidth, inChannels, batchSize, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  // What the windows touch: padding where they reach over the edge, cut off where they stop short of it.
  const height = (outHeight - 1) * strideHeight + filterShape[0];
  const width = (outWidth - 1) * strideWidth + filterShape[1];
  const padded = tf
    .pad(x, [
      [0, 0],
      [padInfo.top, Math.max(0, height - padInfo.top - inHeight)],
      [padInfo.left, Math.max(0, width - padInfo.left - inWidth)],
      [0, 0],
    ])
    .slice([0, 0, 0, 0], [batchSize, height, width, inChannels]);
  const images = padded.transpose([3, 1, 2, 0]) as tf.Tensor4D;
  const kernel = dy.transpose([1, 2, 0, 3]) as tf.Tensor4D;
  return tf
    .conv2d(images, kernel, 1, "valid", "NHWC", [strideHeight, strideWidth])
    .transpose([1, 2, 0, 3]) as tf.Tensor4D;
}
