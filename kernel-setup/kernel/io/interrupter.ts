import { Session } from "inspector";
import { log } from "../shared/log";
import { COMPILING, INTERRUPT_PENDING, PHASE } from "../shared/protocol";
import type { Engine } from "./engine";

/** How long the main thread may take to notice an interrupt by itself before its JavaScript is cut off. */
const GRACE_MS = 400;
const RETRY_MS = 200;

/**
 * Stops the running cell. A cell that awaits sees its signal aborted at once; one that is stuck in a loop cannot look,
 * so its execution is terminated through the inspector. That runs no `catch` and no `finally`.
 */
export class Interrupter {
  private readonly session = new Session();
  private busy = false;
  private turn = 0;

  constructor(private readonly engine: Engine, private readonly shared: Int32Array) {
    this.session.connectToMainThread();
  }

  async interrupt(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    Atomics.store(this.shared, INTERRUPT_PENDING, 1);
    try {
      let seen = await this.engine.interrupt(++this.turn, false, GRACE_MS);
      for (let terminated = false; !seen; seen = await this.engine.interrupt(++this.turn, terminated, RETRY_MS)) {
        if (Atomics.load(this.shared, PHASE) === COMPILING) continue;
        terminated = await this.terminate() || terminated;
      }
    } finally {
      this.busy = false;
    }
  }

  /** To be called before the process ends: Node waits for connected debuggers. */
  close(): void {
    this.session.disconnect();
  }

  /** Also true when V8 does not answer in time: the main thread may be inside one long native call. */
  private terminate(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), RETRY_MS);
      this.session.post("Runtime.terminateExecution", (error) => {
        clearTimeout(timer);
        if (error) log(`interrupt failed: ${error.message}`);
        resolve(!error);
      });
    });
  }
}
