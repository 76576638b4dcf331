// Tensors that an interrupted cell leaves behind, in TensorFlow.js and in the native library: found, and freed.
import * as tf from "@tensorflow/tfjs";
import { setFlagsFromString } from "v8";
import { runInNewContext } from "vm";
import { notebookHost } from "../../runtime/host";
import { countedBytes, openLedger, type Ledger, type Engine, type Entry } from "./ledger";
import { backendState } from "../engine/choice";

/** The tensors that a cell made. */
interface CellTensors {
  readonly signal: AbortSignal;
  /** How many of them are counted. */
  alive: number;
  readonly variables: Map<Entry, WeakRef<tf.Variable>>;
  /** Counted ones that V8 has collected already: an interrupted loop's are, before anybody hears of the interrupt. */
  readonly collected: Entry[];
}
interface TensorEntry extends Entry {
  readonly owner: CellTensors;
}

/** On the tensor itself: a WeakMap takes twice as long for small tensors, most of it in garbage collections. */
const entryKey: unique symbol = Symbol("vitrine.entry");
type Entered = tf.Tensor & { [entryKey]?: TensorEntry };

/**
 * When to look for orphans, in milliseconds after the interrupt: at once, and when the kernel has given up waiting for
 * the cell.
 */
const LOOKS = [0, 350];
/** V8 tells of what it has collected a while after. */
const NEWS = [30, 120, 380, 500, 1500];

/**
 * Frees the tensors that an interrupted cell leaves behind. Whoever would have disposed of them may never run again
 * (a terminated function runs no `finally`, an await that was cut off never returns), and TF.js frees no tensor
 * by itself. So the tensors that nobody can reach any more are freed after a garbage collection; what the cell
 * kept, in a variable or anywhere else, stays. Cells that are not interrupted keep TF.js's own rules. Outside a
 * notebook this does nothing.
 */
export function installOrphanage(): void {
  const state = backendState();
  if (!notebookHost() || state.ledger) return;
  const engine = tf.engine() as unknown as Engine;
  let cell: CellTensors = newCell(new AbortController().signal, () => undefined);
  const dead: TensorEntry[] = [];
  // No function in JavaScript, which V8 could cut off: it has forgotten the entry by then.
  const registry = new FinalizationRegistry<TensorEntry>(dead.push.bind(dead) as (entry: TensorEntry) => void);
  const drain = (): void => {
    while (dead.length > 0) {
      const entry = dead[dead.length - 1],
        { owner } = entry;
      if (owner.signal.aborted) ledger.free(entry);
      else if (owner === cell && entry.counted) owner.collected.push(entry);
      dead.pop();
    }
  };
  const runningCell = (): CellTensors => {
    const signal = notebookHost()?.signal;
    if (signal && cell.signal !== signal) {
      const begun = newCell(signal, (interrupted, collect) => {
        if (collect && interrupted.alive > 0) collectGarbage(engine, interrupted.variables);
        drain();
        interrupted.collected.forEach((entry) => ledger.free(entry));
      });
      cell = begun;
      drain();
    }
    return cell;
  };
  const ledger: Ledger = openLedger(engine, {
    enter(tensor) {
      const known = (tensor as Entered)[entryKey];
      if (known) return known;
      const owner = runningCell(),
        variable = tensor instanceof tf.Variable ? tensor.name : undefined;
      const entry: TensorEntry = {
        dataId: tensor.dataId,
        dtype: tensor.dtype,
        bytes: countedBytes(tensor),
        variable,
        owner,
        counted: false,
      };
      if (variable !== undefined) owner.variables.set(entry, new WeakRef(tensor as tf.Variable));
      (tensor as Entered)[entryKey] = entry;
      registry.register(tensor, entry, tensor);
      return entry;
    },
    entryOf: (tensor) => (tensor as Entered)[entryKey],
    leave(tensor) {
      const entry = (tensor as Entered)[entryKey];
      if (!entry) return;
      registry.unregister(tensor);
      if (entry.variable !== undefined) entry.owner.variables.delete(entry);
    },
  });
  state.ledger = ledger;
}

/**
 * @param look called after the cell was interrupted, several times; `collect`: whether what nobody can reach is to be
 * collected first
 */
function newCell(signal: AbortSignal, look: (cell: CellTensors, collect: boolean) => void): CellTensors {
  const cell: CellTensors = { signal, alive: 0, variables: new Map(), collected: [] };
  signal.addEventListener(
    "abort",
    () => {
      // Not by setTimeout: the kernel stops the timers of an interrupted cell.
      for (const delay of LOOKS) AbortSignal.timeout(delay).addEventListener("abort", () => look(cell, true));
      for (const delay of NEWS) AbortSignal.timeout(delay).addEventListener("abort", () => look(cell, false));
    },
    { once: true },
  );
  return cell;
}

/**
 * TF.js has a list of all variables, which would keep those that nobody else knows; it is emptied of them meanwhile.
 */
function collectGarbage(engine: Engine, variables: ReadonlyMap<Entry, WeakRef<tf.Variable>>): void {
  const { registeredVariables } = engine.state;
  for (const { variable } of variables.keys()) delete registeredVariables[variable as string];
  garbageCollector()();
  for (const [entry, reference] of variables) {
    const alive = entry.counted ? reference.deref() : undefined;
    if (alive) registeredVariables[alive.name] = alive;
  }
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

interface Output {
  readonly id: number;
  /** What TF.js knows it by. */
  dataId?: object;
}
type Compute = (...args: unknown[]) => Output[];
interface Binding {
  executeOp: Compute;
  runSavedModel: Compute;
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  readonly TF_INT32: number;
}
interface WatchedBackend {
  binding: Binding;
  readonly tensorMap: { has(dataId: object): boolean; set(dataId: object, data: { id: number }): void };
}

/**
 * Keeps an eye on the tensors that the native library has just computed and that no tensor of TF.js stands for yet: V8
 * cuts off a long computation at exactly that point, and they would stay for ever.
 * @returns to be called after a cut: frees them
 */
export function watchNativeOutputs(backend: object): () => void {
  if (!isNative(backend)) return () => undefined;
  const { binding, tensorMap } = backend,
    { createTensor } = binding,
    { set } = tensorMap;
  let latest: Output[] = [];
  /** The native library numbers its tensors one after the other; this is the last number it told us. */
  let newest = -1;
  let working = false;
  const watched = Object.create(binding) as Binding;
  const replace = (name: keyof Binding, value: unknown): void => {
    Object.defineProperty(watched, name, { value, configurable: true, writable: true });
  };
  for (const name of ["executeOp", "runSavedModel"] as const) {
    const compute = binding[name];
    replace(name, (...args: unknown[]): Output[] => {
      working = true;
      latest = compute.apply(binding, args);
      working = false;
      if (latest.length > 0) newest = latest[latest.length - 1].id;
      return latest;
    });
  }
  replace(
    "createTensor",
    (shape: number[], dtype: number, values: ArrayBufferView) =>
      (newest = createTensor.call(binding, shape, dtype, values)),
  );
  backend.binding = watched;
  tensorMap.set = (dataId, data) => {
    for (const output of latest) if (output.id === data.id) output.dataId = dataId;
    set.call(tensorMap, dataId, data);
  };
  const free = (id: number): void => {
    try {
      backend.binding.deleteTensor(id);
    } catch {
      // Freed with its data: it had got that far.
    }
  };
  return () => {
    for (const { id, dataId } of latest) if (!dataId || !tensorMap.has(dataId)) free(id);
    latest = [];
    if (!working) return;
    working = false;
    // Cut off between the computation and the return of its outputs' numbers.
    const told = newest,
      next = watched.createTensor([], binding.TF_INT32, new Int32Array(1));
    for (let id = next; id > told; id--) free(id);
  };
}

function isNative(backend: object): backend is WatchedBackend {
  const { binding, tensorMap } = backend as Partial<WatchedBackend>;
  return typeof binding?.executeOp === "function" && typeof tensorMap?.set === "function";
}
