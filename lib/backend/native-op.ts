import * as tf from "@tensorflow/tfjs";
import { dataTypes } from "./compile/attributes";
import type { NativeBackend } from "./compile/native-backend";

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
  return backend.executeSingleOutput(name, [{ name: "T", type: TF_ATTR_TYPE, value: dataTypes.float32 }, ...attributes], inputs);
}
