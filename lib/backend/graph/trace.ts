// One call of a function, watched: what it takes, does and returns.
import * as tf from "@tensorflow/tfjs";
import { recorderState, Recorder, hookNativeBackend, readUnrecorded } from "./recorder";
import { StandIns } from "./stand-ins";
import { dataTypes } from "./graph-def";
import type { NativeBackend } from "../engine/native-backend";
import { pruned, type Recording } from "./recording";
import { flatten, mapLeaves, Slot, type Flat } from "./structure";
import { badInput } from "../../core/errors";
import { dropTape } from "../interrupts/reset";

/** What one run did, and the form of its result. */
export interface Recorded {
  readonly recording: Recording;
  /** The result with slots in the place of its tensors. */
  readonly template: unknown;
  /** Of the result. */
  readonly signature: string;
  /** Of each of the result's tensors. */
  readonly outputs: readonly { readonly path: string; readonly dtype: tf.DataType; readonly shape: number[] }[];
}

export interface Trace {
  /** Nothing where the run was abstract. */
  readonly result?: unknown;
  readonly recorded?: Recorded;
  /** Why it cannot be written down, else. */
  readonly refused?: string;
}

/**
 * Runs a function op by op and writes down what it does.
 * @param abstract compute nothing: the function gets tensors without values, and so do its ops
 * @throws what the function throws; a CompileError if it reads data. It must then run again as it is.
 */
export function trace(
  fn: (...inputs: never[]) => unknown,
  inputs: readonly unknown[],
  flat: Flat,
  backend: NativeBackend,
  abstract = false,
): Trace {
  hookNativeBackend(backend);
  const state = recorderState(),
    before = tf.memory().numTensors;
  let parts: Omit<Trace, "result"> = {};
  const result = owned(() => {
    const standIns = abstract ? new StandIns(backend, (dataId) => readUnrecorded(backend, dataId)) : undefined;
    // With data of their own, so that an input is not taken for another one, or for a tensor from outside, that shares
    // its data.
    const stands = flat.tensors.map(
      (tensor) =>
        standIns?.make(tensor) ??
        backend.executeSingleOutput(
          "Identity",
          [{ name: "T", type: backend.binding.TF_ATTR_TYPE, value: dataTypes[tensor.dtype] }],
          [tensor],
        ),
    );
    let next = 0;
    const given = mapLeaves(inputs, tf.Tensor, () => stands[next++]) as never[];
    const recorder = new Recorder(backend, stands, standIns);
    state.recorder = recorder;
    try {
      const made = fn(...given);
      parts = made instanceof Promise ? {} : finished(recorder, made);
      if (stands.some(({ isDisposed }) => isDisposed)) parts = { refused: "the function disposes of its inputs" };
      return made;
    } finally {
      state.recorder = undefined;
    }
  });
  if (abstract) tf.dispose(result as tf.TensorContainer);
  const own = abstract ? {} : { result };
  const kept = tf.memory().numTensors - before - (abstract ? 0 : (parts.recorded?.outputs.length ?? 0));
  if (parts.recorded && kept !== 0)
    return {
      ...own,
      refused:
        kept > 0
          ? "the function keeps tensors that it does not return"
          : "the function disposes of tensors that it did not make",
    };
  return { ...own, ...parts };
}

function finished(recorder: Recorder, result: unknown): Omit<Trace, "result"> {
  // The function caught the refusal: what it returns is not what it returns when it runs as it is.
  if (recorder.refused !== undefined) recorder.refuse(recorder.refused);
  let next = 0;
  try {
    const { tensors, signature, paths } = flatten(result, "the result");
    if (tensors.length === 0) return { refused: "the function returns no tensor" };
    return {
      recorded: {
        recording: pruned(recorder.finish(tensors)),
        template: mapLeaves(result, tf.Tensor, () => new Slot(next++)),
        signature,
        outputs: tensors.map(({ dtype, shape }, i) => ({ path: paths[i], dtype, shape })),
      },
    };
  } catch (error) {
    return { refused: recorder.refused ?? (error as Error).message };
  }
}

/**
 * Runs `work` as every way of running a compiled function must look from outside: the caller owns each tensor of the
 * result and nothing else is left, also after a throw. So a tensor that was there before (an input handed back), or
 * that is in the result twice, is cloned.
 */
export function owned(work: () => unknown): unknown {
  const engine = tf.engine() as unknown as { state: { gradientDepth: number }; nextTensorId(): number };
  const outermost = engine.state.gradientDepth === 0;
  try {
    return tf.tidy(() => {
      const first = engine.nextTensorId(),
        seen = new Set<tf.Tensor>();
      const result = work();
      if (result instanceof Promise)
        badInput({
          what: "the function to compile",
          got: "asynchronous",
          allowed: "a function that returns its tensors at once",
        });
      return mapLeaves(result, tf.Tensor, (tensor) => {
        if (tensor.id < first || seen.has(tensor)) return tf.clone(tensor);
        seen.add(tensor);
        return tensor;
      }) as tf.TensorContainer;
    });
  } catch (error) {
    if (outermost) dropTape();
    throw error;
  }
}
