import * as tf from "@tensorflow/tfjs";
import { spaced } from "../gradients/spacing";
import { replaceKernel } from "./javascript-kernel";

type Shape4 = [number, number, number, number];

interface InputBackpropAttributes {
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  dataFormat: "NHWC" | "NCHW";
  inputShape: Shape4;
}

const wrapped = Symbol.for("vitrine.convInput");
type WrappedKernel = tf.KernelFunc & { [wrapped]?: tf.KernelFunc };

/**
 * wasm's gradient of a convolution with respect to its image is a plain loop, ten times slower than its
 * convolution. The gradient is the convolution of dy, its pixels set apart by the strides, with the kernel turned
 * by 180° and its channels exchanged. Setting apart costs strides² in work, so large strides keep the loop.
 */
export function replaceConvInputBackprop(backendName: string): void {
  const config = tf.getKernel("Conv2DBackpropInput", backendName);
  if (!config) return;
  const own = config.kernelFunc as WrappedKernel;
  const original = own[wrapped] ?? own;
  const faster: WrappedKernel = (params) => {
    const attrs = params.attrs as unknown as InputBackpropAttributes;
    const { dy, filter } = params.inputs as Record<string, tf.Tensor4D>;
    // Other kernels call kernels with bare descriptions of tensors, on which operations do not work.
    if (!(dy instanceof tf.Tensor && filter instanceof tf.Tensor)) return original(params);
    const info = tf.backend_util.computeConv2DInfo(attrs.inputShape, filter.shape, attrs.strides, 1, attrs.pad, attrs.dimRoundingMode);
    if (attrs.dataFormat === "NCHW" || info.strideHeight * info.strideWidth > 4) return original(params);
    return tf.tidy(() => inputGradient(dy, filter, info));
  };
  faster[wrapped] = original;
  replaceKernel(backendName, "Conv2DBackpropInput", faster, config.setupFunc);
}

function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { inHeight, inWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const apart = spaced(spaced(dy, 1, strideHeight), 2, strideWidth);
  // Pixel (0, 0) is under the kernel's last tap when the window begins `padInfo.top` rows above the image.
  const rows = edges(filterHeight - 1 - padInfo.top, apart.shape[1] as number, inHeight + filterHeight - 1);
  const columns = edges(filterWidth - 1 - padInfo.left, apart.shape[2] as number, inWidth + filterWidth - 1);
  const placed = cutOff(apart, rows.cut, columns.cut).pad([[0, 0], rows.pad, columns.pad, [0, 0]]) as tf.Tensor4D;
  const turned = tf.reverse(filter, [0, 1]).transpose([0, 1, 3, 2]) as tf.Tensor4D;
  return tf.conv2d(placed, turned, 1, "valid");
}

interface Edges {
  /** Zeros to add before and after. */
  pad: [number, number];
  /** Lines to take away before and after, where the forward pass padded more than the kernel reaches. */
  cut: [number, number];
}

function edges(before: number, size: number, wanted: number): Edges {
  const after = wanted - before - size;
  return { pad: [Math.max(0, before), Math.max(0, after)], cut: [Math.max(0, -before), Math.max(0, -after)] };
}

function cutOff(t: tf.Tensor, [top, bottom]: [number, number], [left, right]: [number, number]): tf.Tensor {
  if (top + bottom + left + right === 0) return t;
  const [batch, height, width, channels] = t.shape;
  return t.slice([0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
}
