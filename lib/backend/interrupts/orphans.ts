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
