import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions, integer, text, type Schema } from "../core/options";
import { checkpoint, notebookHost } from "./host";

export interface TimeitOptions {
  /** What is being timed, for people. Default: none. */
  label?: string;
  /** How often it is run, after once to warm up. Integer ≥ 1. Default: as often as a second allows, 3 to 1000 times. */
  runs?: number;
}

export const timeitOptions = {
  label: text({ words: "a text", help: "what is being timed, for people" }),
  runs: integer({
    least: 1,
    rule: "as often as a second allows, 3 to 1000 times",
    help: "how often it is run, after once to warm up",
  }),
} satisfies Schema<TimeitOptions>;

/**
 * Runs the function once and prints how long it took and how many tensors it left: IPython's `%time`. A function that
 * returns a promise is timed to the promise's end: `const maps = await time("saliency", () => saliency(model,
 * images))`.
 * @returns what the function returned
 * @throws what the function throws; the time is printed first
 */
export function time<T>(work: () => T): T;
export function time<T>(label: string, work: () => T): T;
export function time<T>(first: string | (() => T), second?: () => T): T {
  const label = typeof first === "string" ? first : "",
    work = typeof first === "string" ? second : first;
  checkFunction(work);
  const tensors = tf.memory().numTensors,
    began = performance.now();
  const report = (how = ""): void => {
    const took = performance.now() - began;
    console.log(`${prefix(label)}${how}${duration(took)}${tensorsSince(tensors)}`);
  };
  let value: T;
  try {
    value = work!();
  } catch (error) {
    report("failed after ");
    throw error;
  }
  if (!isPromise(value)) {
    report();
    return value;
  }
  return value.then(
    (result) => {
      report();
      return result;
    },
    (error: unknown) => {
      report("failed after ");
      throw error;
    },
  ) as T;
}

/**
 * Runs the function many times and prints the mean time of a run with its standard deviation, and the tensors that a
 * run leaves: IPython's `%%timeit`. What the runs return is disposed of, but for the last one's.
 * @returns what the last run returned
 * @throws BadInputError, InterruptedError, and what the function throws
 */
export async function timeit<T>(work: () => T, options: TimeitOptions = {}): Promise<Awaited<T>> {
  checkFunction(work);
  const { label = "", runs } = checkOptions(timeitOptions, options);
  const signal = notebookHost()?.signal;
  const before = tf.memory().numTensors;
  const [first, value] = await timed(work);
  const left = tf.memory().numTensors - before;
  const count = runs ?? Math.min(1000, Math.max(3, Math.round(1000 / Math.max(first, 1e-3))));
  const times: number[] = [];
  let last = value;
  for (let run = 0; run < count; run++) {
    await checkpoint(signal);
    dispose(last);
    const [took, result] = await timed(work);
    times.push(took);
    last = result;
  }
  const mean = times.reduce((sum, each) => sum + each, 0) / count;
  const deviation = count > 1 ? Math.sqrt(times.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1)) : 0;
  const spread =
    count > 1
      ? ` ± ${duration(deviation)} a run (mean ± standard deviation of ${count} runs, after one to warm up)`
      : " (one run, after one to warm up)";
  console.log(`${prefix(label)}${duration(mean)}${spread}${tensorsText(left)}`);
  return last;
}

/** A promise is awaited only where there is one: that alone takes as long as a small function. */
async function timed<T>(work: () => T): Promise<[milliseconds: number, value: Awaited<T>]> {
  const began = performance.now();
  const value = work();
  const result = (isPromise(value) ? await value : value) as Awaited<T>;
  return [performance.now() - began, result];
}

function dispose(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(dispose);
  const { dispose: own } = (value ?? {}) as { dispose?: unknown };
  if (typeof own === "function") own.call(value);
}

function checkFunction(work: unknown): void {
  if (typeof work !== "function")
    badInput({
      what: "the work to time",
      got: work,
      allowed: "a function",
      remedy: "Write () => … around it; it would have run already otherwise.",
    });
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === "function";
const prefix = (label: string): string => (label ? `${label}: ` : "");
const tensorsSince = (before: number): string => tensorsText(tf.memory().numTensors - before);
const tensorsText = (more: number): string =>
  more === 0 ? "" : `; ${Math.abs(more)} ${Math.abs(more) === 1 ? "tensor" : "tensors"} ${more > 0 ? "more" : "fewer"}`;

/** In the unit that leaves one to three digits before the point. */
function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${(1000 * milliseconds).toPrecision(3)} µs`;
  if (milliseconds < 999.5) return `${milliseconds.toPrecision(3)} ms`;
  return milliseconds < 120_000
    ? `${(milliseconds / 1000).toPrecision(3)} s`
    : `${(milliseconds / 60_000).toPrecision(3)} min`;
}
