import * as tf from "@tensorflow/tfjs";
import { wrapKernel, type Shape4 } from "./javascript-kernel";

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
