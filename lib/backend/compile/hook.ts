import * as tf from "@tensorflow/tfjs";
import type { Execute } from "./abstract/stand-ins";
import { hooked, type Hookable, type Hooked } from "./hooked";
import { recorderState } from "./recorder";

/**
 * Has the native backend tell the recorder of the moment of every op, of data that appears, of data that is read and of
 * variables that change. Once for
 * each backend, for good: only `recorderState().recorder` says whether anything is recorded, so that an interrupt in
 * the middle of
 * a recording leaves nothing to be put back.
 */
export function hookNativeBackend(backend: Hookable): void {
  if (backend[hooked]) return;
  const { executeSingleOutput, executeMultipleOutputs, readSync, loadSavedModelMetaGraph, tensorMap } = backend,
    { set } = tensorMap;
  const memory: Hooked = (backend[hooked] = { readSync });
  const outputsOf: Execute = (op, attributes, inputs, count) =>
    count === 1
      ? [executeSingleOutput.call(backend, op, attributes, inputs)]
      : executeMultipleOutputs.call(backend, op, attributes, inputs, count);
  const watched: Execute = (op, attributes, inputs, count) => {
    const { recorder } = recorderState(),
      recorded = recorder?.op(op, attributes, inputs);
    const outputs = recorder?.standIns
      ? recorder.standIns.op(op, attributes, inputs, count, outputsOf)
      : outputsOf(op, attributes, inputs, count);
    recorded?.(outputs);
    return outputs;
  };
  backend.executeSingleOutput = (op, attributes, inputs) => watched(op, attributes, inputs, 1)[0];
  backend.executeMultipleOutputs = watched;
  backend.readSync = (dataId) => {
    recorderState().recorder?.refuse("the function reads a tensor's values (data, dataSync, array, arraySync, print)");
    return readSync.call(backend, dataId);
  };
  const { assign } = tf.Variable.prototype;
  tf.Variable.prototype.assign = function (value) {
    recorderState().recorder?.refuse(
      `the function assigns to the variable ${this.name}; return the new value and assign it outside`,
    );
    assign.call(this, value);
  };
  backend.loadSavedModelMetaGraph = (folder, tags) =>
    (memory.newest = loadSavedModelMetaGraph.call(backend, folder, tags));
  tensorMap.set = (dataId, data) => {
    const { recorder } = recorderState();
    // What TF.js knows already is moved here from another backend.
    if (recorder && !isKnown(dataId)) recorder.appeared(dataId, data.values !== null);
    set.call(tensorMap, dataId, data);
  };
}

/** Frees the saved model whose loading was cut off before its number was known. */
export function freeUnknownModels(backend: Hookable): void {
  const memory = backend[hooked];
  if (memory?.newest === undefined) return;
  try {
    for (let id = memory.newest + 1; ; id++) {
      backend.binding.deleteSavedModel(id);
      memory.newest = id;
    }
  } catch {
    // There is none of that number.
  }
}

function isKnown(dataId: object): boolean {
  return (tf.engine() as unknown as { state: { tensorInfo: WeakMap<object, unknown> } }).state.tensorInfo.has(dataId);
}
