// TensorFlow's backend as compiling sees it, and its ops run directly.
import * as tf from "@tensorflow/tfjs";
import { type AttributeTypes, type OpAttribute, dataTypes } from "../graph/graph-def";

/** A tensor as TF.js's kernels see it. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

/** A 64-bit number that tfjs-node hands to an op, in two halves; it has no data of its own. */
interface Int64Scalar {
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

/** Whether any of TensorFlow's own ops may be run directly: on the native backend, and not while a tape records. */
export function nativeOpsUsable(): boolean {
  // A direct op leaves no trace on the tape, so a second-order gradient would be wrong without a word.
  return tf.getBackend() === "tensorflow" && tf.engine().state.gradientDepth === 0;
}

/**
 * Runs one of TensorFlow's ops with float32 inputs and one output, also such as TF.js has no kernel for.
 * @param flags boolean attributes of the op
 */
export function nativeOp(name: string, inputs: tf.TensorInfo[], flags: Record<string, boolean> = {}): tf.Tensor {
  const backend = tf.backend() as unknown as NativeBackend;
  const { TF_ATTR_TYPE, TF_ATTR_BOOL } = backend.binding;
  const attributes = Object.entries(flags).map(([flag, value]) => ({
    name: flag,
    type: TF_ATTR_BOOL,
    value,
  }));
  return backend.executeSingleOutput(
    name,
    [{ name: "T", type: TF_ATTR_TYPE, value: dataTypes.float32 }, ...attributes],
    inputs,
  );
}
