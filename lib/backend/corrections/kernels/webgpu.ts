// What TensorFlow.js has wrong on WebGPU, as programs of our own.
import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "./javascript-kernel";
import type { PoolAttributes } from "./pooling";
import { correctResizeGradByMatrices } from "./resize-grad";
import { sizeOf } from "../../../core/chunks";

/**
 * What is wrong or missing on webgpu. Kernels there cannot be loops over arrays, as nothing can be read back while one
 * runs:
 * they are programs of the device, or made of other kernels.
 */
export function correctOnWebgpu(): void {
  correctCast();
  correctPoolGrads();
  correctResizeGradByMatrices("webgpu");
}

/**
 * webgpu's own cast of integers and truth values to float32 only renames the type of their buffer; programs that read a
 * buffer as it is (transposing, for one) then do not compile, and their results are zeros.
 */
function correctCast(): void {
  const config = tf.getKernel("Cast", "webgpu"),
    own = config?.kernelFunc;
  if (!config || !own) return;
  replaceKernel(
    "webgpu",
    "Cast",
    (params) => {
      const x = params.inputs.x as tf.TensorInfo,
        { dtype } = params.attrs as unknown as { dtype: string };
      if (dtype !== "float32" || (x.dtype !== "int32" && x.dtype !== "bool")) return own(params);
      const size = tf.util.sizeFromShape(x.shape);
      const { dataId } = runShader(params.backend, {
        name: "cast",
        inputs: { x: { dataId: x.dataId, shape: [size], dtype: x.dtype } },
        outputShape: [size],
        integers: {},
        code: "result = f32(getX(coords));",
      });
      return { dataId, shape: x.shape, dtype: "float32" };
    },
    config.setupFunc,
  );
}

/**
 * webgpu's own kernels send the gradient of max-pooling to the last of several ties, where every other backend sends it
 * to the first, and divide that of average-pooling by the whole window also at padded edges, where the forward pass
 * divides by the pixels that are covered.
 */
function correctPoolGrads(): void {
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

interface WebgpuBackend {
  runWebGPUProgram(
    program: Program,
    inputs: tf.TensorInfo[],
    dtype: tf.DataType,
    uniforms: { type: string; data: number[] }[],
  ): tf.TensorInfo;
}

/** What TF.js's webgpu backend makes a shader of, with one invocation an element of the output. */
interface Program {
  variableNames: string[];
  outputShape: number[];
  shaderKey: string;
  dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  workgroupSize: [number, number, number];
  size: boolean;
  uniforms: string;
  getUserCode(): string;
}

interface ShaderOptions {
  /** Names the code: programs of one name are compiled once. */
  name: string;
  /** By the names that the code reads them with: `getDy(batch, row, column, channel)` for `dy`. */
  inputs: Record<string, tf.TensorInfo>;
  outputShape: number[];
  /** Integers of the call, read as `uniforms.NAME`. */
  integers: Record<string, number>;
  /** WGSL that computes `result` of the output's element at `coords`. */
  code: string;
}

const workgroup = 64;

/** Runs a program of our own on the device, as TF.js's kernels run theirs. */
function runShader(backend: unknown, { name, inputs, outputShape, integers, code }: ShaderOptions): tf.TensorInfo {
  const program: Program = {
    variableNames: Object.keys(inputs),
    outputShape,
    shaderKey: `vitrine_${name}`,
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(sizeOf(outputShape) / workgroup), 1, 1],
    workgroupSize: [workgroup, 1, 1],
    size: true,
    uniforms: Object.keys(integers)
      .map((key) => `${key} : i32,`)
      .join(" "),
    getUserCode: () => `
      fn main(index : i32) {
        if (index < uniforms.size) {
          let coords = getCoordsFromIndex(index);
          var result = 0.0;
          ${code}
          setOutputAtIndex(index, result);
        }
      }`,
  };
  const uniforms = Object.values(integers).map((value) => ({ type: "int32", data: [value] }));
  return (backend as WebgpuBackend).runWebGPUProgram(program, Object.values(inputs), "float32", uniforms);
}
