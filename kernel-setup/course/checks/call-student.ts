// Calling a student's function, and saying what is wrong with it.
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { VitrineError } from "vitrine/dist/kit";
import { withoutMethods } from "../marking";
import { TIMED, TooLong } from "./in-time";
import { oldCode } from "./old-code";
import { sizesIn, triedWords, type Tried } from "./tried-on";

/** What a check throws when an answer is not right yet: its message is words for the student, and nothing else. */
export class CheckFailed extends VitrineError {
  override name = "CheckFailed";
  constructor(words: string, cause?: unknown) {
    super(`✗ ${words}`);
    // Where in Vitrine the check noticed helps nobody; where in the student's own code an error arose does.
    const theirs = cause instanceof Error ? withoutOurs((cause.stack ?? "").split("\n").slice(1)).join("\n") : "";
    this.stack = `${this.name}: ${this.message}${theirs && `\n${theirs}`}`;
  }
}

/** Frames of these files say how a check calls a function, which is nothing to mend. */
const OURS = dirname(__dirname);
const withoutOurs = (frames: readonly string[]): string[] =>
  frames.filter((frame) => !frame.includes(OURS) && !frame.includes(TIMED));

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

/** Errors whose own words do not lead to the slip. */
const habits: readonly (readonly [RegExp, string])[] = [
  [
    /Cannot read properties of (undefined|null) \(reading '\d+'\)/,
    "What stands before the brackets is not there. Of an array: is the place beyond its end? Logits are " +
      "[image][class], in this order. A tensor is no array, t[0] is undefined: arraySync() makes an array of it; " +
      "tf.slice and tf.oneHot take values out of it so that it can be differentiated.",
  ],
  [
    /The result y returned by f\(\) must be a (tensor|scalar)/,
    "The function given to tf.grad must return a tensor at once, with one number: model.logits(x), and " +
      "tf.sum of what " +
      "you want of it. model.predict has to be waited for, and cannot be differentiated.",
  ],
  [
    /Cannot read properties of undefined \(reading '(?:check|network|preprocess|classNames)'\)/,
    "A method that is handed on alone, as in tf.grad(model.logits), has lost its model: write (x) => model.logits(x).",
  ],
  [/passed to 'oneHot' must be int32/, 'Class numbers are whole numbers: tf.tensor1d(target, "int32").'],
  [
    /Maximum call stack size exceeded/,
    "A function calls itself too often. Keep a list of what is still to be visited, and work it off in a loop.",
  ],
  [
    /must be a Tensor or TensorLike, but got '(null|undefined)'/,
    "Something that you calculate with is not there. A tensor is no array: noise[s] is undefined, " +
      "noise.slice([s], [1]) " +
      "is its part.",
  ],
  [/Expected size\[0\] in \[0, 0\]/, "There is no such part: the loop goes one too far (< and not <=)."],
  [/is not iterable/, "What you take apart is not there. Does a loop go one too far (< and not <=)?"],
];

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
    const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
    if (error instanceof TooLong) failed(message);
    if (message === stubMessage)
      failed(`${task} is not implemented yet. Write your code in the cell above, run it, then run this check again.`);
    if (/Cannot compute gradient of y=f\(x\)/.test(message))
      failed(`Your function stopped with an error. ${gradientHint}`, error);
    const known = explain?.(message) ?? habits.find(([pattern]) => pattern.test(message))?.[1];
    if (known) failed(`Your function stopped with an error: ${message} — ${known}`, error);
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
