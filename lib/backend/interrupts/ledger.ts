// TensorFlow.js's counts of tensors and data, kept so that they are right wherever V8 cuts.
import * as tf from "@tensorflow/tfjs";
import { watchNativeOutputs } from "./native-outputs";

/** What must be known of a tensor to free it, also when the tensor itself is gone. */
export interface Entry {
  dataId: object;
  readonly dtype: tf.DataType;
  /** As TF.js counts them: none for strings and complex numbers, which it counts by what they are made of. */
  readonly bytes: number;
  /** Name of the variable, if it is one. */
  readonly variable?: string;
  readonly owner: { alive: number };
  /** Is it in TF.js's counts? */
  counted: boolean;
}

/** Whoever wants to know of every tensor. */
interface Reader {
  /** To be asked once for each tensor, before it is counted. */
  enter(tensor: tf.Tensor): Entry;
  entryOf(tensor: tf.Tensor): Entry | undefined;
  /** The tensor was disposed of. */
  leave(tensor: tf.Tensor): void;
}

interface Backend {
  incRef(dataId: object): void;
  refCount(dataId: object): number;
  disposeData(dataId: object, force?: boolean): boolean;
  /** Where the backend has its data: the name depends on the backend. */
  tensorMap?: Storage;
  dataIdMap?: Storage;
  data?: Storage;
  binding?: object;
}
interface Storage {
  dataIdsCount: number;
  data: WeakMap<object, unknown>;
  delete(dataId: object): boolean;
}

interface DataInfo {
  backend: Backend;
  dtype: tf.DataType;
  shape: number[];
  bytes: number;
  /** Counted tensors that share this data. Unknown where the first of them was made before this ledger was opened. */
  owners?: number;
  /** False: not yet in the count of data buffers. */
  counted?: boolean;
}

/** What this needs of TF.js's engine, whose own types hide it. */
export interface Engine {
  readonly backend: Backend;
  readonly backendInstance: Backend | null;
  state: {
    numTensors: number;
    numStringTensors: number;
    numBytes: number;
    numDataBuffers: number;
    kernelDepth: number;
    tensorInfo: WeakMap<object, DataInfo>;
    activeScope: { id: number; track: tf.Tensor[] } | null;
    registeredVariables: Record<string, tf.Variable>;
  };
  nextTensorId(): number;
  nextVariableId(): number;
  runKernelFunc(parameters: unknown): unknown;
  incRef(tensor: tf.Tensor, backend?: Backend): void;
  trackTensor(tensor: tf.Tensor, backend?: Backend): void;
  makeVariable(initial: tf.Tensor, trainable?: boolean, name?: string, dtype?: tf.DataType): tf.Variable;
  disposeTensor(tensor: tf.Tensor): void;
  disposeVariable(variable: tf.Variable): void;
}

export interface Ledger {
  /** Frees what nobody can dispose of any more. Once is enough; more often does no harm. */
  free(entry: Entry): void;
  /** To be called when nothing of TF.js is running: finishes, or takes back, what was cut off half-way. */
  settle(): void;
}

const VariableClass = tf.Variable as unknown as new (
  initial: tf.Tensor,
  trainable: boolean,
  name: string,
  id: number,
) => tf.Variable;

/**
 * Replaces the functions by which TF.js counts its tensors and their data, so that the counts and the memory are right
 * even if V8 cuts the running code off (its termination runs no `catch` and no `finally`). It does so where a function
 * is called, also one of its own such as `WeakMap.set`, or where a loop goes round. So whatever must go together is
 * written as assignments to properties that are there already: "in one go" below. What takes more is noted down before
 * and the note taken away after, and `settle` puts right what the notes that are left tell of.
 */
export function openLedger(engine: Engine, reader: Reader): Ledger {
  /** Data that a kernel made or shared and that no counted tensor stands for yet. */
  const begun = new Set<object>();
  /** Data that one counted tensor less stands for, and that may have to be freed. */
  const ending = new Set<object>();
  const hooked = new Map<Backend, () => void>();

  const hook = (backend: Backend): void => {
    const { incRef, disposeData } = backend;
    hooked.set(backend, watchNativeOutputs(backend));
    backend.incRef = (dataId) => {
      const info = engine.state.tensorInfo.get(dataId);
      if (info) info.owners ??= backend.refCount(dataId);
      begun.add(dataId);
      incRef.call(backend, dataId);
    };
    backend.disposeData = (dataId, force) => {
      const gone = disposeData.call(backend, dataId, force);
      begun.delete(dataId);
      return gone;
    };
  };
  const forgetStorage = watchStorage((dataId) => {
    begun.add(dataId);
  });
  const { runKernelFunc } = engine;
  engine.runKernelFunc = (parameters) => {
    const { backendInstance } = engine;
    if (backendInstance && !hooked.has(backendInstance)) hook(backendInstance);
    const outputs = runKernelFunc.call(engine, parameters);
    // What a whole kernel leaves behind is as it should be, for instance the parts of a complex number.
    if (engine.state.kernelDepth === 0 && begun.size > 0) begun.clear();
    return outputs;
  };

  engine.trackTensor = (tensor, backend = engine.backend) => {
    const entry = reader.enter(tensor),
      { state } = engine,
      { tensorInfo, activeScope: scope } = state,
      { dtype, dataId } = tensor;
    const known = tensorInfo.get(dataId);
    const info = known ?? {
      backend: backend ?? engine.backend,
      dtype,
      shape: tensor.shape,
      bytes: entry.bytes,
      owners: 0,
      counted: false,
    };
    info.owners ??= info.backend.refCount(dataId) - 1;
    info.counted ??= true;
    if (!known) {
      begun.add(dataId);
      tensorInfo.set(dataId, info);
    }
    if (entry.variable !== undefined) state.registeredVariables[entry.variable] = tensor as tf.Variable;
    else if (scope) {
      (tensor as { scopeId: number }).scopeId = scope.id;
      scope.track.push(tensor);
    }
    // In one go.
    state.numTensors++;
    if (dtype === "string") state.numStringTensors++;
    state.numBytes += entry.bytes;
    if (!info.counted) {
      info.counted = true;
      state.numDataBuffers++;
    }
    info.owners++;
    entry.counted = true;
    entry.owner.alive++;
    // Until here.
    begun.delete(dataId);
  };
  engine.incRef = (tensor, backend) => {
    engine.backend.incRef(tensor.dataId);
    engine.trackTensor(tensor, backend);
  };
  // TF.js registers the variable before it is counted.
  engine.makeVariable = (initial, trainable = true, name = engine.nextVariableId().toString(), dtype) => {
    const value = dtype && dtype !== initial.dtype ? initial.cast(dtype) : initial;
    const variable = new VariableClass(value, trainable, name, engine.nextTensorId());
    if (engine.state.registeredVariables[name]) throw new Error(`Variable with name ${name} was already registered`);
    engine.incRef(variable, engine.backend);
    return variable;
  };

  const strike = (dataId: object, info: DataInfo): void => {
    // In one go.
    if (info.counted !== false) engine.state.numDataBuffers--;
    info.counted = false;
    // Until here.
    engine.state.tensorInfo.delete(dataId);
  };
  /** Frees the data if that was its last tensor. */
  const release = (dataId: object, info: DataInfo): void => {
    if (info.backend.disposeData(dataId) && engine.state.tensorInfo.get(dataId) === info) strike(dataId, info);
    ending.delete(dataId);
  };
  const remove = (dataId: object, dtype: tf.DataType, bytes: number, entry?: Entry, tensor?: tf.Tensor): void => {
    const { state } = engine,
      info = state.tensorInfo.get(dataId);
    if (!info || entry?.counted === false) return;
    info.owners ??= info.backend.refCount(dataId);
    ending.add(dataId);
    // In one go.
    if (tensor) (tensor as unknown as { isDisposedInternal: boolean }).isDisposedInternal = true;
    if (entry) {
      entry.counted = false;
      entry.owner.alive--;
    }
    state.numTensors--;
    if (dtype === "string") {
      state.numStringTensors--;
      state.numBytes -= info.bytes;
    }
    state.numBytes -= bytes;
    info.owners--;
    // Until here.
    release(dataId, info);
  };
  engine.disposeTensor = (tensor) => {
    if (tensor.isDisposed) return;
    const entry = reader.entryOf(tensor);
    remove(tensor.dataId, tensor.dtype, entry?.bytes ?? countedBytes(tensor), entry, tensor);
    reader.leave(tensor);
  };
  engine.disposeVariable = (variable) => {
    engine.disposeTensor(variable);
    if (engine.state.registeredVariables[variable.name] === variable)
      delete engine.state.registeredVariables[variable.name];
  };
  // TF.js frees the old value first; cut off then, a model in training would be left with a weight that is gone.
  const { assign } = tf.Variable.prototype;
  tf.Variable.prototype.assign = function (value) {
    const { tensorInfo } = engine.state,
      old = this.dataId,
      before = tensorInfo.get(old),
      after = tensorInfo.get(value.dataId);
    const entry = reader.entryOf(this);
    if (!before || !after || value.dtype !== this.dtype || !tf.util.arraysEqual(value.shape, this.shape))
      return assign.call(this, value);
    before.owners ??= before.backend.refCount(old);
    after.backend.incRef(value.dataId);
    after.owners ??= after.backend.refCount(value.dataId) - 1;
    ending.add(old);
    // In one go.
    this.dataId = value.dataId;
    if (entry) entry.dataId = value.dataId;
    after.owners++;
    before.owners--;
    // Until here.
    begun.delete(value.dataId);
    release(old, before);
  };

  return {
    free(entry) {
      if (entry.counted) remove(entry.dataId, entry.dtype, entry.bytes, entry);
    },
    settle() {
      const { state } = engine;
      forgetStorage();
      for (const dataId of new Set([...begun, ...ending])) {
        const info = state.tensorInfo.get(dataId),
          backend = info?.backend ?? engine.backend,
          owners = info?.owners ?? 0;
        if (owners > 0) share(backend, dataId, owners);
        else drop(backend, dataId);
        if (info && owners <= 0) strike(dataId, info);
        begun.delete(dataId);
        ending.delete(dataId);
      }
      for (const variable of Object.values(state.registeredVariables)) {
        if (reader.entryOf(variable)?.counted === false) delete state.registeredVariables[variable.name];
      }
      for (const settleOutputs of hooked.values()) settleOutputs();
    },
  };
}

/**
 * Keeps the number of a backend's data right, which TF.js changes one call before or after the data.
 * @param onSet is told of new data, before it is there
 * @returns to be called after a cut
 */
function watchStorage(onSet: (dataId: object) => void): () => void {
  let half: { storage: Storage; dataId: object; change: 1 | -1 } | undefined;
  const storage = tf.DataStorage.prototype as unknown as Storage & { set(dataId: object, value: unknown): void };
  storage.set = function (this: Storage, dataId, value) {
    onSet(dataId);
    half = { storage: this, dataId, change: 1 };
    this.data.set(dataId, value);
    this.dataIdsCount++;
    half = undefined;
  };
  storage.delete = function (this: Storage, dataId) {
    half = { storage: this, dataId, change: -1 };
    const gone = this.data.delete(dataId);
    if (gone) this.dataIdsCount--;
    half = undefined;
    return gone;
  };
  return () => {
    if (half && half.storage.data.has(half.dataId) === (half.change === 1)) half.storage.dataIdsCount += half.change;
    half = undefined;
  };
}

/** The bytes TF.js counts for a tensor as such. */
export function countedBytes({ dtype, size }: Pick<tf.Tensor, "dtype" | "size">): number {
  return dtype === "complex64" || dtype === "string" ? 0 : size * tf.util.bytesPerElement(dtype);
}

/** Has the backend know how many tensors share the data. */
function share(backend: Backend, dataId: object, owners: number): void {
  for (let known = backend.refCount(dataId); known < owners; known++) backend.incRef(dataId);
  for (let known = backend.refCount(dataId); known > owners; known--) backend.disposeData(dataId);
}

/** Frees data of which it is not known whether a part is freed already. */
function drop(backend: Backend, dataId: object): void {
  try {
    // Only the native backend notices when it is asked to free something twice.
    if (backend.binding || backend.refCount(dataId) > 0) {
      backend.disposeData(dataId, true);
      return;
    }
  } catch {
    // It was freed already, and is only still in the list.
  }
  (backend.tensorMap ?? backend.dataIdMap ?? backend.data)?.delete(dataId);
}
