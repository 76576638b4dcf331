/** A cell while it runs: it ends by itself, or is cut by an interrupt or an error that nobody caught. */
export class RunningCell {
  readonly controller = new AbortController();
  interrupted = false;
  private readonly cutPromise: Promise<never>;
  private reject!: (reason: unknown) => void;

  constructor() {
    this.cutPromise = new Promise((_resolve, reject) => { this.reject = reject; });
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
