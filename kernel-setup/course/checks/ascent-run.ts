import * as tf from "@tensorflow/tfjs";
import { referenceRun, clampTo, type RunSettings, type RunVariant, type Shift } from "./ascent-reference";
import { tolerance, type LogitsFunction } from "./ascent-step";
import { begin, callStudent, failed, note, passed, type Loosely } from "./call-student";
import { randomColours } from "./pictures";
import { difference, mapsOf, type Maps } from "./maps";
import { askedClasses, largest, targetLogit, type ScoreDerivative } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/** Given to the student. Each returns new images and leaves the old ones. */
export interface RunTools {
  /** To what pixels allow. */
  clamp(x: tf.Tensor4D): tf.Tensor4D;
  blur(x: tf.Tensor4D): tf.Tensor4D;
}

/**
 * What the student writes: roll, step, roll back, clamp, and blur at times, once for each shift.
 * @param start [batch, height, width, channels], normalised; still the caller's
 * @returns the images after the last iteration
 */
export type AscentRunFunction = (
  logits: LogitsFunction,
  start: tf.Tensor4D,
  target: number[],
  settings: RunSettings,
  tools: RunTools,
) => tf.Tensor | Promise<tf.Tensor>;

/**
 * Says in words whether a class visualization is right, and if not, what is wrong: compares it on pictures of random
 * colours and a small random network with the recipe followed by hand.
 * @throws CheckFailed with the words
 */
export async function checkAscentRun(yours: Loosely<AscentRunFunction>): Promise<void> {
  const network = smallNetwork(6, [10, 12, 3]);
  begin(network.tried);
  const { images: start, pixels } = await randomColours(2, 10);
  const target = askedClasses(
    pixels.map((image) => largest(network.logits(image))),
    network.model.classNames.length,
  );
  const before = tf.memory().numTensors;
  try {
    const compare = (shifts: readonly Shift[], blurEvery: number): Promise<void> =>
      comparison(yours, network, start, pixels, target, { learningRate: 2, l2: 0.02, shifts, blurEvery });
    await compare([[3, 1]], 1);
    passed("One iteration: rolled, stepped, rolled back, clamped, blurred.");
    await compare(
      [
        [2, 5],
        [0, 3],
        [4, 1],
        [1, 0],
        [3, 2],
      ],
      3,
    );
    passed("Five iterations: each with its own shift, the blur at iterations 0 and 3.");
    await compare(
      [
        [1, 2],
        [3, 0],
        [2, 4],
        [0, 1],
      ],
      2,
    );
    passed("Other settings: right with another number of iterations and another blur too.");
    const left = tf.memory().numTensors - before;
    if (left > 0)
      note(
        `Your function leaves ${left} tensors in memory after 10 iterations. Dispose of the old images when ` +
          `there are new ones.`,
      );
  } finally {
    start.dispose();
    network.dispose();
  }
}

async function comparison(
  yours: Loosely<AscentRunFunction>,
  network: SmallNetwork,
  start: tf.Tensor4D,
  pixels: readonly Pixels[],
  target: readonly number[],
  settings: RunSettings,
): Promise<void> {
  const tools: RunTools = {
    clamp: (x) => tf.clipByValue(x, ...clampTo),
    blur: (x) =>
      tf.tidy(
        () =>
          tf.add(
            tf.mul(x, 0.5),
            tf.mul(tf.concat([x.slice([0, x.shape[1] - 1], [-1, 1]), x.slice([0, 0], [-1, x.shape[1] - 1])], 1), 0.5),
          ) as tf.Tensor4D,
      ),
  };
  const result = await callStudent(
    "Task 3",
    () =>
      yours(
        (at) => network.model.logits(at),
        start,
        [...target],
        { ...settings, shifts: settings.shifts.map(([down, right]) => [down, right] as const) },
        tools,
      ),
    network,
  );
  if (start.isDisposed)
    failed(
      "Your function disposes of the images that it was given. Whoever called still needs them: begin with " +
        "start.clone().",
    );
  const got = await mapsOf(result, start.shape);
  const words = ascentRunMistake(got, pixels, targetLogit(network, target), settings);
  if (words) failed(words);
}

/** @returns nothing if the images are the recipe's, else words for the student */
export function ascentRunMistake(
  got: Maps,
  pixels: readonly Pixels[],
  derivative: ScoreDerivative,
  settings: RunSettings,
): string | undefined {
  const is = (variant: RunVariant): boolean =>
    difference(got, referenceRun(pixels, derivative, settings, variant)) < tolerance;
  if (is({})) return undefined;
  const { shifts, blurEvery } = settings;
  const where = `With ${shifts.length} ${shifts.length === 1 ? "iteration" : "iterations"} and blurEvery ${blurEvery}`;
  if (difference(got, pixels) < 1e-6) return `${where}: your images are those it began with.`;
  const exact = slips.find(([variant]) => is(variant));
  return `${where}: ${exact?.[1] ?? unknown(got, pixels, derivative, settings)}`;
}

const slips: readonly (readonly [RunVariant, string])[] = [
  [{ rollBack: "not" }, "you do not roll back after the step, so that the image wanders."],
  [{ rollBack: "again" }, "you roll the same way again instead of back: back are −down and −right."],
  [{ roll: "not" }, "you do not roll at all, or not with the shift given."],
  [{ roll: "first" }, "you use the first shift at every iteration. Each has its own."],
  [{ roll: "swapped" }, "a shift is [down, right]; you exchange the two."],
  [
    { blur: "never" },
    "you do not blur. At iterations whose number, counted from 0, is a multiple of blurEvery you should.",
  ],
  [{ blur: "always" }, "you blur at every iteration. Only those whose number is a multiple of blurEvery blur."],
  [
    { blur: "later" },
    "your blur comes at the wrong iterations. Counted from 0 it comes at 0, blurEvery, 2 · blurEvery, …",
  ],
  [{ clamp: "never" }, "you do not clamp."],
  [{ clamp: "end" }, "you clamp at the end only. Every iteration clamps."],
  [{ blurFirst: true }, "you blur before you clamp. First clamp, then blur."],
  [{ more: 1 }, "you do one iteration too many."],
  [{ more: -1 }, "you do one iteration too few."],
];

function unknown(got: Maps, pixels: readonly Pixels[], derivative: ScoreDerivative, settings: RunSettings): string {
  if (got.some((image) => Array.from(image).some((value) => !Number.isFinite(value))))
    return "your images have values that are not numbers (NaN or infinite).";
  const away = difference(got, referenceRun(pixels, derivative, settings));
  return (
    `your images differ from the recipe's by ${Math.round(100 * away)} % of the largest value, and it is none of ` +
    `the usual slips. Do the checks of tasks 1 and 2 pass? Then follow the five lines of the recipe one by one.`
  );
}
