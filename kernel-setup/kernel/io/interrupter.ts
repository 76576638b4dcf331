import { Session } from "inspector";
import { log } from "../shared/log";
import { CELLS, COMPILING, IDLE, INTERRUPT_PENDING, PHASE, RUNNING, TURN_SEEN } from "../shared/protocol";
import type { Engine } from "./engine";

/** How long the main thread may take to notice an interrupt by itself before its JavaScript is cut off. */
const GRACE_MS = 400;
const RETRY_MS = 200;
const MEMORY_GRACE_MS = 30;
/** How long a cell that was told may go on: what the main thread grants it, and some. */
const ENDING_MS = 350;

/**
 * Stops the running cell. A cell that awaits sees its signal aborted at once; one that is stuck in a loop cannot look,
 * so its execution is terminated through the inspector. That runs no `catch` and no `finally`.
 */
export class Interrupter {
  private readonly session = new Session();
  private busy = false;
  private turn = 0;
  /** A termination was asked for, and V8 has not answered yet. */
  private terminating = false;

  constructor(
    private readonly engine: Engine,
    private readonly shared: Int32Array,
    /** A debugger may hold the cell. */
    private readonly debugger_: { endStop(): Promise<boolean>; stands: boolean; close(): void },
  ) {
    this.session.connectToMainThread();
  }

  async interrupt(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const cell = Atomics.load(this.shared, CELLS);
    Atomics.store(this.shared, INTERRUPT_PENDING, 1);
    try {
      await this.stop();
    } finally {
      this.busy = false;
    }
    // V8 that comes to it too late drops the next function that is called: not a request, please.
    if (this.terminating) this.engine.check();
    await this.makeSure(cell);
  }

  /** Stops the cell because the heap is full: soon, because there is no room for waiting. */
  async outOfMemory(reason: string): Promise<void> {
    if (this.busy || Atomics.load(this.shared, PHASE) !== RUNNING) return;
    this.busy = true;
    try {
      await this.stop(Atomics.load(this.shared, CELLS), MEMORY_GRACE_MS, reason);
    } finally {
      this.busy = false;
    }
  }

  /**
   * Bytes of JavaScript heap in use on the main thread; no answer while that is in a loop. `collect`: without garbage.
   */
  async heapUsed(collect = false): Promise<number> {
    if (collect) await this.ask("HeapProfiler.collectGarbage");
    return (await this.ask<{ usedSize: number }>("Runtime.getHeapUsage")).usedSize;
  }

  private ask<T>(method: string): Promise<T> {
    return new Promise((resolve, reject) => {
      this.session.post(method, (error: Error | null, result?: object) => {
        if (error) reject(error);
        else resolve(result as T);
      });
    });
  }

  /** Until the main thread takes notice. */
  private async stop(cell?: number, grace = GRACE_MS, memory?: string): Promise<void> {
    const first = ++this.turn;
    const standing = Atomics.load(this.shared, CELLS);
    let terminated = await this.debugger_.endStop();
    // Once that has ended the next cell may begin.
    let seen = await this.engine.interrupt(
      first,
      terminated,
      grace,
      cell ?? (terminated ? standing : undefined),
      memory,
    );
    while (!seen) {
      // What is running while no notice was taken is what is meant. A later cell is not: the main thread may take
      // notice while we wait, and be at the next one when it reads what we say then.
      const meant = cell ?? Atomics.load(this.shared, CELLS);
      if (Atomics.load(this.shared, TURN_SEEN) >= first) return;
      // A debugger may have stopped it in the meantime, and V8 cuts off nothing that stands.
      if (await this.debugger_.endStop()) terminated = true;
      else if (!this.debugger_.stands && Atomics.load(this.shared, PHASE) !== COMPILING)
        terminated = (await this.terminate()) || terminated;
      seen = await this.engine.interrupt(++this.turn, terminated, RETRY_MS, meant, memory);
    }
  }

  /** A cell that was told while it waited may wake once more and get into a loop before its timers are stopped. */
  private async makeSure(cell: number): Promise<void> {
    for (let turn = 0; turn < 3 && !this.busy; turn++) {
      await new Promise((resolve) => setTimeout(resolve, ENDING_MS));
      if (this.busy || Atomics.load(this.shared, CELLS) !== cell || Atomics.load(this.shared, PHASE) === IDLE) return;
      this.busy = true;
      try {
        await this.stop(cell);
      } finally {
        this.busy = false;
      }
    }
  }

  /** To be called before the process ends: Node waits for connected debuggers. */
  close(): void {
    this.session.disconnect();
    this.debugger_.close();
  }

  /** Also true when V8 does not answer in time: the main thread may be inside one long native call. */
  private terminate(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), RETRY_MS);
      // Never a second request behind one that waits: it would hit whatever runs when the first has done its work.
      if (this.terminating) return;
      this.terminating = true;
      this.session.post("Runtime.terminateExecution", (error) => {
        this.terminating = false;
        clearTimeout(timer);
        this.engine.check();
        if (error) log(`interrupt failed: ${error.message}`);
        resolve(!error);
      });
    });
  }
}
