import * as tf from "@tensorflow/tfjs";

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

export interface ShaderOptions {
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
export function runShader(
  backend: unknown,
  { name, inputs, outputShape, integers, code }: ShaderOptions,
): tf.TensorInfo {
  const program: Program = {
    variableNames: Object.keys(inputs),
    outputShape,
    shaderKey: `vitrine_${name}`,
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(outputShape.reduce((a, b) => a * b, 1) / workgroup), 1, 1],
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
