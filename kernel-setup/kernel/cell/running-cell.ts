import type { Origin } from "../shared/protocol";

/**
 * A cell (or the handling of a comm's message) and what belongs to it: it ends by itself, or is cut by an interrupt or
 * an error that nobody caught.
 */
export class RunningCell {
  readonly controller = new AbortController();
  /** The timers it started. */
  readonly timers = new Set<object>();
  /** Characters it printed and showed, since its output was last cleared. */
  readonly printed = { text: 0, shown: 0, stopped: false };
  interrupted = false;
  /** Its request was answered; what it left running may go on. */
  ended = false;
  /** It was ended against its will: nothing of it runs or is seen any more. */
  stopped = false;
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
