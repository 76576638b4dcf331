// Convolutions and their gradients on wasm, where they are slow, missing or wrong.
import * as tf from "@tensorflow/tfjs";
import { valuesOf, wrapKernel, type Shape4, replaceKernel } from "./javascript-kernel";

interface InputBackpropAttributes {
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  dataFormat: "NHWC" | "NCHW";
  inputShape: Shape4;
}

/**
 * wasm's gradient of a convolution with respect to its image is a plain loop, ten times slower than its convolution. At
 * stride 1 the gradient is the convolution of dy with the kernel turned by 180° and its channels exchanged. At larger
 * ones that would multiply by zeros most of the time: there each pixel of dy is spread over the window that it came
 * from, by a 1×1 convolution with the whole kernel, and the windows are added up where they overlap.
 */
export function replaceConvInputBackprop(backendName: string): void {
  wrapKernel(backendName, "Conv2DBackpropInput", (original) => (params) => {
    const attrs = params.attrs as unknown as InputBackpropAttributes;
    const { dy, filter } = params.inputs as Record<string, tf.Tensor4D>;
    // Other kernels call kernels with bare descriptions of tensors, on which operations do not work.
    if (!(dy instanceof tf.Tensor && filter instanceof tf.Tensor)) return original(params);
    const info = tf.backend_util.computeConv2DInfo(
      attrs.inputShape,
      filter.shape,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    if (attrs.dataFormat === "NCHW") return original(params);
    return tf.tidy(() =>
      info.strideHeight * info.strideWidth === 1 ? asConvolution(dy, filter, info) : asWindows(dy, filter, info),
    );
  });
}

function asConvolution(dy: tf.Tensor4D, filter: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const { inHeight, inWidth, filterHeight, filterWidth, padInfo } = info;
  // Pixel (0, 0) is under the kernel's last tap when the window begins `padInfo.top` rows above the image.
  const rows = edges(filterHeight - 1 - padInfo.top, dy.shape[1], inHeight + filterHeight - 1);
  const columns = edges(filterWidth - 1 - padInfo.left, dy.shape[2], inWidth + filterWidth - 1);
  return tf.conv2d(cutOff(dy, rows.cut, columns.cut), turned(filter), 1, [[0, 0], rows.pad, columns.pad, [0, 0]]);
}

/**
 * The kernel's taps from the last to the first, its channels exchanged; in one loop, since wasm's `reverse` and
 * `gather` take longer than the convolution.
 */
function turned(filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width, inner, outer] = filter.shape,
    taps = height * width,
    size = inner * outer;
  const from = valuesOf(filter),
    to = new Float32Array(from.length);
  for (let tap = 0; tap < taps; tap++) {
    const source = tap * size,
      target = (taps - 1 - tap) * size;
    for (let i = 0; i < inner; i++) {
      for (let o = 0; o < outer; o++) to[target + o * inner + i] = from[source + i * outer + o];
    }
  }
  return tf.tensor4d(to, [height, width, outer, inner]);
}

function asWindows(dy: tf.Tensor4D, filter: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const {
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padInfo,
  } = info;
  const across = filterWidth * inChannels,
    size = filterHeight * across;
  const spread = filter.reshape([size, outChannels]).transpose().reshape([1, 1, outChannels, size]) as tf.Tensor4D;
  const windows = valuesOf(tf.conv2d(dy, spread, 1, "valid")),
    dx = new Float32Array(batchSize * inHeight * inWidth * inChannels);
  for (let batch = 0, window = 0; batch < batchSize; batch++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, window += size) {
        const top = i * strideHeight - padInfo.top,
          left = j * strideWidth - padInfo.left;
        const from = Math.max(0, -left) * inChannels,
          to = Math.min(filterWidth, inWidth - left) * inChannels;
        for (let row = Math.max(0, -top); row < Math.min(filterHeight, inHeight - top); row++) {
          const source = window + row * across,
            target = ((batch * inHeight + top + row) * inWidth + left) * inChannels;
          for (let k = from; k < to; k++) dx[target + k] += windows[source + k];
        }
      }
    }
  }
  return tf.tensor4d(dx, [batchSize, inHeight, inWidth, inChannels]);
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

function cutOff(t: tf.Tensor4D, [top, bottom]: [number, number], [left, right]: [number, number]): tf.Tensor4D {
  if (top + bottom + left + right === 0) return t;
  const [batch, height, width, channels] = t.shape;
  return t.slice([0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
}

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

type Pair = [number, number];

interface ConvAttributes {
  strides: number | Pair;
  pad: unknown;
  dilations?: number | Pair;
  dataFormat?: "NHWC" | "NCHW";
}

/**
 * wasm's convolutions come out wrong, forward, with `same` padding where a stride is larger than the kernel. With
 * the same padding given as numbers they come out right.
 */
export function correctSamePadding(backendName: string): void {
  for (const kernelName of ["Conv2D", "FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2D"]) {
    const depthwise = kernelName.includes("Depthwise");
    wrapKernel(backendName, kernelName, (original) => (params) => {
      const { x, filter } = params.inputs as Record<string, tf.TensorInfo>;
      const pad = explicitPadding(
        x.shape as Shape4,
        filter.shape as Shape4,
        params.attrs as unknown as ConvAttributes,
        depthwise,
      );
      return original(pad ? { ...params, attrs: { ...params.attrs, pad: pad as never } } : params);
    });
  }
}

/** `same` as numbers, where it must be; else undefined. */
function explicitPadding(
  x: Shape4,
  filter: Shape4,
  { strides, pad, dilations, dataFormat }: ConvAttributes,
  depthwise: boolean,
): Pair[] | undefined {
  const [down, across] = typeof strides === "number" ? [strides, strides] : strides;
  if (pad !== "same" || dataFormat === "NCHW" || (filter[0] >= down && filter[1] >= across)) return undefined;
  const { top, bottom, left, right } = tf.backend_util.computeConv2DInfo(
    x,
    filter,
    strides,
    dilations ?? 1,
    "same",
    undefined,
    depthwise,
  ).padInfo;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
