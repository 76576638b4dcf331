import { whenCutOff, notebookHost } from "./host";
import { badInput, InterruptedError } from "../core/errors";
import { checkOptions, text, type Schema } from "../core/options";
import { startProgress, totalOption, type ProgressTracker } from "./progress";

export interface ProgressBarOptions {
  /** What is being done, for people. Default: none. */
  label?: string;
  /** How many items there are. Default: the array's length, the set's or map's size; else it is not known. */
  total?: number;
}

export const progressBarOptions = {
  label: text({ words: "a text", help: "what is being done, for people" }),
  total: totalOption({
    rule: "the array's length, the set's or map's size; else it is not known",
    help: "how many items",
  }),
} satisfies Schema<ProgressBarOptions>;

/**
 * A bar for a loop: `for (const image of progress(images)) …`, or `for await` over what comes bit by bit. It shows how
 * many items are done, how many a second, and the time left, in one place that is drawn again a few times a second:
 * under the cell in a notebook, on a line of stderr in a terminal. Leaving the loop ends it, and so does an interrupt,
 * at the next item.
 * @throws BadInputError if there is nothing to go through; InterruptedError, out of the loop, when the cell is stopped
 */
export function progress<T>(items: Iterable<T>, options?: ProgressBarOptions): IterableIterator<T>;
export function progress<T>(items: AsyncIterable<T>, options?: ProgressBarOptions): AsyncIterableIterator<T>;
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: ProgressBarOptions = {},
): IterableIterator<T> | AsyncIterableIterator<T> {
  const { label = "", total = sizeOf(items) } = checkOptions(progressBarOptions, options);
  if (isAsync(items)) return asyncWalk(items, label, total);
  if (typeof (items as Iterable<T> | null | undefined)?.[Symbol.iterator] === "function")
    return walk(items, label, total);
  return badInput({
    what: "items",
    got: items,
    allowed: "what `for … of` or `for await` can go through: an array, a set, a generator",
    remedy: "For a count n: [...Array(n).keys()].",
  });
}

function* walk<T>(items: Iterable<T>, label: string, total: number): IterableIterator<T> {
  const { tracker, end, check } = begin(label, total);
  try {
    for (const item of items) {
      check();
      yield item;
      tracker.advance();
    }
    // Also where the loop has nothing more to say after its last await.
    check();
  } finally {
    end();
  }
}

async function* asyncWalk<T>(items: AsyncIterable<T>, label: string, total: number): AsyncIterableIterator<T> {
  const { tracker, end, check, orStopped } = begin(label, total);
  const source = items[Symbol.asyncIterator]();
  let exhausted = false;
  try {
    for (;;) {
      check();
      const { done, value } = (await orStopped(source.next())) as IteratorResult<T, undefined>;
      if (done) {
        exhausted = true;
        return;
      }
      yield value;
      tracker.advance();
    }
  } finally {
    end();
    // Not awaited: what keeps the source from giving its next item may keep it from ending too.
    if (!exhausted) void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

interface Walk {
  tracker: ProgressTracker;
  end(): void;
  /** @throws InterruptedError */
  check(): void;
  /** The promise's outcome, or InterruptedError if the interrupt comes first. */
  orStopped<T>(promise: Promise<T>): Promise<T>;
}

function begin(label: string, total: number): Walk {
  const signal = notebookHost()?.signal;
  const tracker = startProgress({ label, total, patience: 0, stays: true });
  // The first item may take long: the bar is there before it.
  tracker.advance(0);
  const ended = whenCutOff(() => tracker.end());
  const stopped = (): InterruptedError =>
    new InterruptedError(`Interrupted: the loop${label ? ` "${label}"` : ""} was stopped before it was done.`);
  return {
    tracker,
    end: () => {
      ended();
      tracker.end();
    },
    check: () => {
      if (signal?.aborted) throw stopped();
    },
    orStopped: (promise) =>
      !signal
        ? promise
        : new Promise((resolve, reject) => {
            const onAbort = (): void => reject(stopped());
            signal.addEventListener("abort", onAbort, { once: true });
            promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
          }),
  };
}

const isAsync = <T>(items: Iterable<T> | AsyncIterable<T>): items is AsyncIterable<T> =>
  typeof (items as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator] === "function";

function sizeOf(items: unknown): number {
  const { length, size } = (items ?? {}) as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : Infinity;
}
