import * as tf from "@tensorflow/tfjs";

export interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "same" | "valid" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The part of the image under one output of a pooling, cut off at the edges. */
export interface PoolWindow {
  batch: number;
  /** Index of the output's first channel in row-major order. */
  output: number;
  rows: readonly [from: number, to: number];
  columns: readonly [from: number, to: number];
}

/** Goes through the windows of a pooling over [batch, height, width, channels], row-major. */
export function eachPoolWindow(shape: number[], attrs: PoolAttributes, visit: (window: PoolWindow) => void): void {
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  const {
    batchSize,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    outChannels,
    strideHeight,
    strideWidth,
    filterHeight,
    filterWidth,
    padInfo,
  } = info;
  let output = 0;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let i = 0; i < outHeight; i++) {
      const top = i * strideHeight - padInfo.top;
      for (let j = 0; j < outWidth; j++, output += outChannels) {
        const left = j * strideWidth - padInfo.left;
        visit({
          batch,
          output,
          rows: [Math.max(0, top), Math.min(inHeight, top + filterHeight)],
          columns: [Math.max(0, left), Math.min(inWidth, left + filterWidth)],
        });
      }
    }
  }
}
