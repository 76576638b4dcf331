// Calling a student's function, and saying what is wrong with it.
import * as tf from "@tensorflow/tfjs";
import { VitrineError } from "vitrine/dist/kit";
import { withoutMethods } from "../marking";
import { oldCode } from "./old-code";
import { sizesIn, triedWords, type Tried } from "./tried-on";

/** What a check throws when an answer is not right yet: its message is words for the student, and nothing else. */
export class CheckFailed extends VitrineError {
  override name = "CheckFailed";
  constructor(words: string, cause?: unknown) {
    super(`✗ ${words}`);
    // Where in Vitrine the check noticed helps nobody; where in the student's own code an error arose does.
    const theirs = cause instanceof Error ? (cause.stack ?? "").split("\n").slice(1).join("\n") : "";
    this.stack = `${this.name}: ${this.message}${theirs && `\n${theirs}`}`;
  }
}

export function failed(words: string, cause?: unknown): never {
  throw new CheckFailed(words, cause);
}

export function passed(words: string): void {
  console.log(`✓ ${words}`);
}

/** Something to know that costs no points. */
export function note(words: string): void {
  console.log(`· ${words}`);
}

/** What the code stub of a released sheet throws (nbgrader_config.py). */
const stubMessage = "not implemented";

/** TF.js's own message for this says nothing to a beginner. */
const gradientHint =
  "TensorFlow.js found no way from the argument to the result. The function given to tf.grad must compute " +
  ("its result from its own argument (not from a variable outside), with tensor operations only (no data() or " +
    "arraySync() inside).");

/** A student's function as a check takes it: what it returns is looked at, not taken on trust. */
export type Loosely<F extends (...args: never[]) => unknown> = (...args: Parameters<F>) => unknown;

/** Begins a check: nothing is tried that the notebook does not say any more. Tells on what it is tried. */
export function begin(tried: Tried): void {
  refuseOldCode();
  note(triedWords(tried));
}

function refuseOldCode(): void {
  const old = oldCode();
  if (old !== undefined) failed(old);
}

export interface CallOptions {
  /** What it is tried on, to name the sizes of something else in the student's code. */
  readonly tried?: Tried;
  /** Words for an error that is a known slip of this task. */
  readonly explain?: (message: string) => string | undefined;
}

/** Calls the student's function and waits for its result; an error becomes words. */
export async function callStudent<Result>(
  task: string,
  call: () => Result | Promise<Result>,
  { tried, explain }: CallOptions = {},
): Promise<Result> {
  refuseOldCode();
  try {
    return await withoutMethods(task, call);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message === stubMessage)
      failed(`${task} is not implemented yet. Write your code in the cell above, run it, then run this check again.`);
    if (/Cannot compute gradient of y=f\(x\)/.test(message))
      failed(`Your function stopped with an error. ${gradientHint}`, error);
    const known = explain?.(message);
    if (known) failed(`${known} (TensorFlow.js: ${message})`, error);
    failed(`Your function stopped with an error: ${message}${tried ? sizesIn(message, tried) : ""}`, error);
  }
}

/** How many tensors a call leaves behind besides the one it returns. */
export async function countingTensors<Result>(call: () => Promise<Result>): Promise<{ result: Result; left: number }> {
  const before = tf.memory().numTensors;
  const result = await call();
  const owned = result instanceof tf.Tensor && !result.isDisposed ? 1 : 0;
  return { result, left: tf.memory().numTensors - before - owned };
}
