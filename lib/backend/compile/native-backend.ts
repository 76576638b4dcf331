import * as tf from "@tensorflow/tfjs";
import type { AttributeTypes, OpAttribute } from "./attributes";

/** A tensor as TF.js's kernels see it. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

/** A 64-bit number that tfjs-node hands to an op, in two halves; it has no data of its own. */
export interface Int64Scalar {
  readonly valueArray: Int32Array;
}

export type OpInput = TensorInfo | Int64Scalar;

/** What compiling needs of tfjs-node's backend, whose own types hide it. */
export interface NativeBackend {
  readonly binding: AttributeTypes & { deleteSavedModel(id: number): void };
  readonly tensorMap: { has(dataId: object): boolean; set(dataId: object, data: { values: unknown }): void };
  executeSingleOutput(op: string, attributes: readonly OpAttribute[], inputs: readonly OpInput[]): tf.Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly OpInput[],
    outputs: number,
  ): tf.Tensor[];
  createOutputTensor(made: { id: number; shape: number[]; dtype: number }): tf.Tensor;
  write(values: ArrayBufferView, shape: number[], dtype: tf.DataType): object;
  disposeData(dataId: object): boolean;
  readSync(dataId: object): ArrayLike<number>;
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  runSavedModel(
    id: number,
    inputs: readonly Pick<TensorInfo, "dataId">[],
    inputNames: readonly { name: string }[],
    outputs: readonly string[],
  ): tf.Tensor[];
}

/** TensorFlow's own backend, where it is the one in use. */
export function nativeBackend(): NativeBackend | undefined {
  return tf.getBackend() === "tensorflow" ? (tf.backend() as unknown as NativeBackend) : undefined;
}
