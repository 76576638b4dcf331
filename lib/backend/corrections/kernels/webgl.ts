// What TensorFlow.js has wrong on WebGL.
import * as tf from "@tensorflow/tfjs";
import { replaceKernel, wrapKernel } from "./javascript-kernel";
import type { PoolAttributes } from "./pooling";
import { correctResizeGradByMatrices } from "./resize-grad";

/** Kernels there cannot be loops over arrays: reading them back would stop the card. */
export function correctOnWebgl(): void {
  correctAvgPoolGradOnWebgl();
  correctMaxPoolGradOnWebgl();
  correctResizeGradByMatrices("webgl");
}

/**
 * WebGL's own kernel divides the gradient by the whole window also at padded edges, where the forward pass divides by
 * the pixels that are covered. So each window's gradient is handed to it as many times larger as the window is.
 */
function correctAvgPoolGradOnWebgl(): void {
  wrapKernel("webgl", "AvgPoolGrad", (original) => (params) => {
    const { dy, input } = params.inputs as Record<string, tf.Tensor4D>;
    const { filterSize, strides, pad, dimRoundingMode } = params.attrs as unknown as PoolAttributes;
    const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
    const rows = covered(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top),
      columns = covered(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left);
    const whole = info.filterHeight * info.filterWidth,
      larger = rows.flatMap((height) => columns.map((width) => whole / (height * width)));
    if (larger.every((factor) => factor === 1)) return original(params);
    const scaled = tf.tidy(() => tf.mul(dy, tf.tensor4d(larger, [1, info.outHeight, info.outWidth, 1])));
    try {
      return original({ ...params, inputs: { ...params.inputs, dy: scaled } });
    } finally {
      scaled.dispose();
    }
  });
}

/** How many pixels of an axis each window covers. */
const covered = (size: number, outputs: number, filter: number, stride: number, before: number): number[] =>
  Array.from({ length: outputs }, (_, i) => {
    const from = i * stride - before;
    return Math.min(size, from + filter) - Math.max(0, from);
  });

interface WebglBackend {
  runWebGLProgram(program: Program, inputs: readonly tf.TensorInfo[], dtype: tf.DataType): tf.TensorInfo;
}

/** What TF.js's webgl backend makes a shader of, which runs once for each value of the output. */
interface Program {
  readonly variableNames: readonly string[];
  readonly outputShape: readonly number[];
  readonly userCode: string;
}

/** WebGL's own kernel sends the gradient to the last of several ties; every other backend to the first. */
function correctMaxPoolGradOnWebgl(): void {
  replaceKernel("webgl", "MaxPoolGrad", ({ inputs, attrs, backend }) => {
    const { dy, input } = inputs as Record<string, tf.TensorInfo>;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttributes;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const program = { variableNames: ["dy", "x"], outputShape: info.inShape, userCode: toFirstMaximum(info) };
    return (backend as unknown as WebglBackend).runWebGLProgram(program, [dy, input], input.dtype);
  });
}

/**
 * Goes through the windows that cover a pixel, each cut off at the image's edges: the pixel has the window's gradient
 * if nothing before it, row-major, is as large and nothing after it larger.
 */
const toFirstMaximum = (info: ReturnType<typeof tf.backend_util.computePool2DInfo>): string => `
  void main() {
    ivec4 coords = getOutputCoords();
    int image = coords[0], y = coords[1], x = coords[2], channel = coords[3];
    float own = getX(image, y, x, channel);
    int above = y + ${info.padInfo.top} - ${info.filterHeight} + 1;
    int before = x + ${info.padInfo.left} - ${info.filterWidth} + 1;
    int firstRow = max(0, (above + ${info.strideHeight} - 1) / ${info.strideHeight});
    int firstColumn = max(0, (before + ${info.strideWidth} - 1) / ${info.strideWidth});
    int lastRow = min(${info.outHeight} - 1, (y + ${info.padInfo.top}) / ${info.strideHeight});
    int lastColumn = min(${info.outWidth} - 1, (x + ${info.padInfo.left}) / ${info.strideWidth});
    float result = 0.0;
    for (int i = firstRow; i <= lastRow; i++) {
      int top = max(0, i * ${info.strideHeight} - ${info.padInfo.top});
      int bottom = min(${info.inHeight}, i * ${info.strideHeight} - ${info.padInfo.top} + ${info.filterHeight});
      for (int j = firstColumn; j <= lastColumn; j++) {
        int left = max(0, j * ${info.strideWidth} - ${info.padInfo.left});
        int right = min(${info.inWidth}, j * ${info.strideWidth} - ${info.padInfo.left} + ${info.filterWidth});
        bool first = true;
        for (int row = top; row < bottom; row++) {
          for (int column = left; column < right; column++) {
            float other = getX(image, row, column, channel);
            bool earlier = row < y || (row == y && column < x);
            first = first && !(other > own || (earlier && other == own));
          }
        }
        if (first) result += getDy(image, i, j, channel);
      }
    }
    setOutput(result);
  }`;
