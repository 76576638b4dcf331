// The cell whose code is running, also after it waited.
import { AsyncLocalStorage } from "async_hooks";
import type { Origin } from "../shared/protocol";
import type { CellRun } from "./cell-log";

/**
 * A cell (or the handling of a comm's message) and what belongs to it: it ends by itself, or is cut by an interrupt or
 * an error that nobody caught.
 */
export class RunningCell {
  readonly controller = new AbortController();
  /** The timers it started. */
  readonly timers = new Set<object>();
  /** Characters it printed and showed, since its output was last cleared. */
  readonly printed = { text: 0, shown: 0 };
  interrupted = false;
  /** Its request was answered; what it left running may go on. */
  ended = false;
  /** It was ended against its will: nothing of it runs or is seen any more. */
  stopped = false;
  /** None: it handles a comm's message. */
  run?: CellRun;
  private readonly cutPromise: Promise<never>;
  private reject!: (reason: unknown) => void;

  /** @param silent nothing of it is published */
  constructor(
    readonly origin: Origin,
    readonly silent = false,
  ) {
    this.cutPromise = new Promise((_resolve, reject) => {
      this.reject = reject;
    });
    this.cutPromise.catch(() => undefined);
  }

  cut(reason: unknown): void {
    this.reject(reason);
  }

  /** The promise's outcome, or the cut if that comes first. */
  orCut<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.cutPromise]);
  }
}

const { nextTick } = process;
const microtask = queueMicrotask;
const realImmediate = setImmediate;

/**
 * Whose code is running: the cell that started the timer, the promise or the request in which we are, though others may
 * have run since. So late output and late errors reach the cell that caused them.
 *
 * From version 24 on Node knows. Before, its `AsyncLocalStorage` keeps a stack for every promise, and cutting a cell
 * off in the middle of one aborts the process; there we follow the timers ourselves, with what happens in their turn.
 * What waits for something else, such as a download, then counts as the latest cell's.
 */
export class Contexts {
  private readonly storage = nodeKeepsContexts() ? new AsyncLocalStorage<RunningCell>() : null;
  private readonly blamed = new WeakMap<object, RunningCell>();
  private latest = new RunningCell(0);
  /** Without storage: whose turn of the event loop this is, and until it is over whose it was. */
  private turn: RunningCell | null = null;
  private lastTurn: RunningCell | null = null;

  /** The cell whose code is running; where nobody can tell, the one that was started last. */
  get current(): RunningCell {
    return this.storage?.getStore() ?? this.turn ?? this.latest;
  }

  /** Runs the cell that is the latest from now on. */
  begin<T>(cell: RunningCell, body: () => T): T {
    this.latest = cell;
    this.turn = this.lastTurn = null;
    return this.storage ? this.storage.run(cell, body) : body();
  }

  /** Calls something on behalf of a cell, and blames it for what that throws. */
  within<T>(cell: RunningCell, body: () => T): T {
    this.enter(cell);
    try {
      return this.storage ? this.storage.run(cell, body) : body();
    } catch (error) {
      if (typeof error === "object" && error !== null && !this.blamed.has(error)) this.blamed.set(error, cell);
      throw error;
    }
  }

  /** The rest of this turn, its promises included, belongs to the cell. */
  enter(cell: RunningCell): void {
    if (this.storage) return;
    this.turn = cell;
    // A tick that is asked for among the microtasks comes after the last of them.
    microtask(() =>
      nextTick(() => {
        if (this.turn !== cell) return;
        this.turn = null;
        // Node reports unhandled rejections after that.
        this.lastTurn = cell;
        realImmediate(() => {
          if (this.lastTurn === cell) this.lastTurn = null;
        });
      }),
    );
  }

  /** Who is to hear of an error that nobody caught. */
  culprit(thrown: unknown): RunningCell {
    const known = typeof thrown === "object" && thrown !== null ? this.blamed.get(thrown) : undefined;
    return known ?? this.storage?.getStore() ?? this.turn ?? this.lastTurn ?? this.latest;
  }
}

function nodeKeepsContexts(): boolean {
  return Number(process.versions.node.split(".")[0]) >= 24 && !process.execArgv.includes("--no-async-context-frame");
}
