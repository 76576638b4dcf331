import * as tf from "@tensorflow/tfjs";
import { setFlagsFromString } from "v8";
import { runInNewContext } from "vm";
import { notebookHost } from "../course/host";
import { backendState } from "./choice";

/** What the engine needs to know of a tensor to free it. */
type Ghost = Pick<tf.Tensor, "dataId" | "dtype" | "size"> & { readonly cell: CellTensors };

/** The tensors outside `tf.tidy` that a cell made and did not dispose of. */
interface CellTensors {
  readonly signal: AbortSignal;
  alive: number;
  /** Those that V8 has collected already: an interrupted loop's are, before anybody hears of the interrupt. */
  readonly collected: Ghost[];
}

/** What this needs of TF.js's engine, whose own types hide it. */
interface Engine {
  readonly backend: { incRef(dataId: object): void };
  state: {
    numTensors: number; numStringTensors: number; numBytes: number; numDataBuffers: number;
    tensorInfo: WeakMap<object, object>;
    activeScope: { id: number; track: tf.Tensor[] } | null;
  };
  track(tensor: tf.Tensor): tf.Tensor;
  keep(tensor: tf.Tensor): tf.Tensor;
  trackTensor(tensor: tf.Tensor, backend?: object): void;
  disposeTensor(tensor: Pick<tf.Tensor, "dataId" | "dtype" | "size"> & { isDisposedInternal?: boolean }): void;
}

/** When to look, in milliseconds after the interrupt: at once, and when the kernel has given up waiting for the cell. */
const LOOKS = [0, 350];

/**
 * Frees the tensors that an interrupted cell leaves behind. Whoever would have disposed of them may never run again
 * (a terminated function runs no `finally`, an await that was cut off never returns), and TF.js frees no tensor
 * by itself. So the tensors that nobody can reach any more are freed after a garbage collection; what the cell
 * kept, in a variable or anywhere else, stays. Cells that are not interrupted keep TF.js's own rules. Outside a
 * notebook this does nothing.
 */
export function installOrphanage(): void {
  const state = backendState();
  if (!notebookHost() || state.orphanage) return;
  state.orphanage = true;
  const engine = tf.engine() as unknown as Engine;
  const { track, keep, disposeTensor } = engine;
  let cell: CellTensors | undefined;
  const cellOf = new WeakMap<object, CellTensors>();
  const free = (ghost: Ghost): void => { disposeTensor.call(engine, ghost); };
  const registry = new FinalizationRegistry((ghost: Ghost) => {
    ghost.cell.alive--;
    if (ghost.cell.signal.aborted) free(ghost);
    else ghost.cell.collected.push(ghost);
  });
  const runningCell = (): CellTensors | undefined => {
    const signal = notebookHost()?.signal;
    if (signal && cell?.signal !== signal) cell = newCell(signal, free);
    return cell;
  };
  const enter = (tensor: tf.Tensor): void => {
    const owner = runningCell();
    if (!owner || cellOf.has(tensor)) return;
    const ghost = { dataId: tensor.dataId, dtype: tensor.dtype, size: tensor.size, cell: owner };
    owner.alive++;
    cellOf.set(tensor, owner);
    registry.register(tensor, ghost, tensor);
  };
  engine.track = (tensor) => {
    if (!engine.state.activeScope) enter(tensor);
    return track.call(engine, tensor);
  };
  engine.keep = (tensor) => {
    enter(tensor);
    return keep.call(engine, tensor);
  };
  // As TF.js's own, but V8 can cut it off at no point where a tensor is counted and not yet tracked: that happens only
  // at a call of a function in JavaScript, and after the first count there is none.
  engine.trackTensor = (tensor, backend = engine.backend) => {
    const { state } = engine, { tensorInfo, activeScope: scope } = state, { dtype, dataId, size } = tensor;
    const bytes = dtype === "complex64" || dtype === "string" ? 0 : size * tf.util.bytesPerElement(dtype);
    const variable = tensor instanceof tf.Variable;
    const entered = !scope && !variable ? runningCell() : undefined;
    const ghost = entered && { dataId, dtype, size, cell: entered };
    state.numTensors++;
    if (dtype === "string") state.numStringTensors++;
    state.numBytes += bytes;
    if (!tensorInfo.has(dataId)) {
      state.numDataBuffers++;
      tensorInfo.set(dataId, { backend, dtype, shape: tensor.shape, bytes });
    }
    if (variable) return;
    if (scope) {
      (tensor as { scopeId: number }).scopeId = scope.id;
      scope.track.push(tensor);
    } else if (ghost) {
      ghost.cell.alive++;
      cellOf.set(tensor, ghost.cell);
      registry.register(tensor, ghost, tensor);
    }
  };
  engine.disposeTensor = (tensor) => {
    if (tensor.isDisposedInternal) return;
    // First of all: cut off half-way and disposed of again, the tensor would be counted twice.
    if (!(tensor instanceof tf.Variable)) tensor.isDisposedInternal = true;
    const owner = cellOf.get(tensor);
    if (owner) {
      owner.alive--;
      cellOf.delete(tensor);
      registry.unregister(tensor);
    }
    disposeTensor.call(engine, tensor);
  };
  // TF.js frees the old value first; cut off then, a model in training would be left with a weight that is gone.
  const { assign } = tf.Variable.prototype;
  tf.Variable.prototype.assign = function (value) {
    if (value.dtype !== this.dtype || !tf.util.arraysEqual(value.shape, this.shape)) return assign.call(this, value);
    const { state } = engine, old = { dataId: this.dataId, dtype: this.dtype, size: this.size };
    const bytes = this.size * tf.util.bytesPerElement(this.dtype);
    engine.backend.incRef(value.dataId);
    this.dataId = value.dataId;
    state.numTensors++;
    state.numBytes += bytes;
    disposeTensor.call(engine, old);
  };
}

function newCell(signal: AbortSignal, free: (ghost: Ghost) => void): CellTensors {
  const cell: CellTensors = { signal, alive: 0, collected: [] };
  const look = (): void => { if (cell.alive > 0) garbageCollector()(); };
  // Not by setTimeout: the kernel stops the timers of an interrupted cell.
  const looks = (): void => LOOKS.forEach((delay) => AbortSignal.timeout(delay).addEventListener("abort", look));
  signal.addEventListener("abort", () => {
    cell.collected.splice(0).forEach(free);
    looks();
  }, { once: true });
  return cell;
}

let gc: (() => void) | undefined;

/** V8's own, which Node hides without its flag --expose-gc. */
function garbageCollector(): () => void {
  if (!gc) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  return gc;
}
