import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "../javascript-kernel";
import type { PoolAttributes } from "../pool-windows";
import { runShader } from "./program";

/**
 * webgpu's own kernels send the gradient of max-pooling to the last of several ties, where every other backend sends it
 * to
 * the first, and divide that of average-pooling by the whole window also at padded edges, where the forward pass
 * divides by
 * the pixels that are covered.
 */
export function correctPoolGrads(): void {
  for (const [kernelName, share] of [
    ["MaxPoolGrad", maximum],
    ["AvgPoolGrad", average],
  ] as const) {
    replaceKernel("webgpu", kernelName, ({ inputs, attrs, backend }) => {
      const { dy, input } = inputs as Record<string, tf.TensorInfo>;
      const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttributes;
      const info = tf.backend_util.computePool2DInfo(
        input.shape as [number, number, number, number],
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      return runShader(backend, {
        name: kernelName,
        inputs: kernelName === "MaxPoolGrad" ? { dy, x: input } : { dy },
        outputShape: info.inShape,
        integers: {
          inHeight: info.inHeight,
          inWidth: info.inWidth,
          outHeight: info.outHeight,
          outWidth: info.outWidth,
          filterHeight: info.filterHeight,
          filterWidth: info.filterWidth,
          strideHeight: info.strideHeight,
          strideWidth: info.strideWidth,
          padTop: info.padInfo.top,
          padLeft: info.padInfo.left,
        },
        code: overWindows(share),
      });
    });
  }
}

/** Goes through the windows that cover the pixel `coords`, each cut off at the image's edges. */
const overWindows = (share: string): string => `
  let above = coords[1] + uniforms.padTop - uniforms.filterHeight + 1;
  let before = coords[2] + uniforms.padLeft - uniforms.filterWidth + 1;
  let firstRow = max(0, (above + uniforms.strideHeight - 1) / uniforms.strideHeight);
  let firstColumn = max(0, (before + uniforms.strideWidth - 1) / uniforms.strideWidth);
  let lastRow = min(uniforms.outHeight - 1, (coords[1] + uniforms.padTop) / uniforms.strideHeight);
  let lastColumn = min(uniforms.outWidth - 1, (coords[2] + uniforms.padLeft) / uniforms.strideWidth);
  for (var i = firstRow; i <= lastRow; i++) {
    let top = max(0, i * uniforms.strideHeight - uniforms.padTop);
    let bottom = min(uniforms.inHeight, i * uniforms.strideHeight - uniforms.padTop + uniforms.filterHeight);
    for (var j = firstColumn; j <= lastColumn; j++) {
      let left = max(0, j * uniforms.strideWidth - uniforms.padLeft);
      let right = min(uniforms.inWidth, j * uniforms.strideWidth - uniforms.padLeft + uniforms.filterWidth);
      ${share}
    }
  }`;

/** The pixel has the window's gradient if nothing before it, row-major, is as large and nothing after it larger. */
const maximum = `
  let own = getX(coords[0], coords[1], coords[2], coords[3]);
  var first = true;
  for (var row = top; row < bottom; row++) {
    for (var column = left; column < right; column++) {
      let other = getX(coords[0], row, column, coords[3]);
      let earlier = row < coords[1] || (row == coords[1] && column < coords[2]);
      first = first && !(other > own || (earlier && other == own));
    }
  }
  if (first) { result += getDy(coords[0], i, j, coords[3]); }`;

const average = `result += getDy(coords[0], i, j, coords[3]) / f32((bottom - top) * (right - left));`;
