import type { Contexts, RunningCell } from "./running-cell";
import { KeyboardInterrupt } from "./errors";
import type { Sink } from "./sinks";

interface Waiting {
  cell: RunningCell;
  resolve(value: string): void;
  reject(reason: Error): void;
}

/** `await prompt("…")` and `await getpass("…")` in a cell: asks whoever sits before the notebook. */
export class Input {
  private readonly waiting = new Map<number, Waiting>();
  private last: Promise<unknown> = Promise.resolve();
  private nextId = 0;

  constructor(
    private readonly contexts: Contexts,
    private readonly sink: Sink,
  ) {}

  install(): void {
    const define = (name: string, value: unknown): void => {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    };
    define("prompt", (text: unknown = "") => this.ask("prompt", String(text), false));
    define("getpass", (text: unknown = "Password: ") => this.ask("getpass", String(text), true));
  }

  answer(id: number, value: string): void {
    this.settle(id, ({ resolve }) => resolve(value));
  }

  refuse(id: number, reason: string): void {
    this.settle(id, ({ reject }) => reject(new Error(reason)));
  }

  /** Nobody can answer a cell that has ended. */
  endOf(cell: RunningCell): void {
    for (const [id, { cell: asker, reject }] of this.waiting) {
      if (asker !== cell) continue;
      this.withdraw(id);
      reject(ended());
    }
  }

  /** Questions asked at once are put one after the other. */
  private ask(name: string, prompt: string, password: boolean): Promise<string> {
    const cell = this.contexts.current;
    const answer = this.last.then(() => this.put(cell, prompt, password));
    this.last = answer.catch(() => undefined);
    // A promise of its own, so that a failure which the cell does not handle is known to be unhandled.
    return answer.catch((error: Error) => {
      if (!(error instanceof KeyboardInterrupt)) error.message = `${name}: ${error.message}`;
      throw error;
    });
  }

  private put(cell: RunningCell, prompt: string, password: boolean): Promise<string> {
    const { signal } = cell.controller;
    if (signal.aborted) throw new KeyboardInterrupt();
    if (cell.ended) throw ended();
    const id = ++this.nextId;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.withdraw(id);
        reject(new KeyboardInterrupt());
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const done = (): void => signal.removeEventListener("abort", onAbort);
      this.waiting.set(id, {
        cell,
        resolve: (value) => {
          done();
          resolve(value);
        },
        reject: (reason) => {
          done();
          reject(reason);
        },
      });
      this.sink.post({ kind: "ask", id, origin: cell.origin, prompt, password });
    });
  }

  private settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting) how(waiting);
  }

  private withdraw(id: number): void {
    this.waiting.delete(id);
    this.sink.post({ kind: "ask-no-more", id });
  }
}

const ended = (): Error => new Error("the cell ended before it was answered; write `await` before it");
