import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { begin, callStudent, failed, note, passed, type Loosely } from "./call-student";
import { colourShape, randomColours, apart, picturesOf } from "./pictures";
import { foolingSlips, referenceFooling, type FoolingSettings } from "./fooling-reference";
import { largest } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: gradient ascent on the target's logit until the target is predicted.
 * @param image [1, height, width, channels] in [0, 1]
 * @returns the fooling image, cut to [0, 1], and how many steps it took
 */
export type FoolingFunction = (
  model: VisionModel,
  image: tf.Tensor4D,
  target: number,
  settings: FoolingSettings,
) => { image: tf.Tensor4D; steps: number } | Promise<{ image: tf.Tensor4D; steps: number }>;

const std = [0.2, 0.5, 0.9];

/**
 * Says in words whether a fooling image is right, and if not, what is wrong: compares it on pictures of random colours
 * and a small random network with the ascent worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkFoolingImage(yours: Loosely<FoolingFunction>): Promise<void> {
  const network = smallNetwork(7, colourShape);
  begin(network.tried);
  const { images, pixels } = await randomColours(3, 5);
  images.dispose();
  const before = tf.memory().numTensors;
  try {
    const [first, second] = pixels,
      target = (image: Pixels, on: number): number => (largest(network.logits(image)) + on) % 10;
    const reached = await compare(yours, network, first, target(first, 3), { learningRate: 0.05, maxSteps: 40, std });
    passed(
      `Target: your image is predicted as the target after ${reached} steps, the number that the ascent by hand takes.`,
    );
    passed(
      "Step: on the target's logit, with the length asked for in the normalised space, and cut to [0, 1] at the end.",
    );
    await compare(
      yours,
      network,
      second,
      target(second, 6),
      { learningRate: 0.3, maxSteps: 2, std },
      "With maxSteps 2",
    );
    passed("Limit: no more steps than `maxSteps`, also where the target is not reached.");
    const none = await compare(
      yours,
      network,
      second,
      largest(network.logits(second)),
      { learningRate: 0.3, maxSteps: 5, std },
      "With the class that is predicted already as the target",
    );
    passed(`Start: ${none} steps where the target is predicted already.`);
    const left = tf.memory().numTensors - before;
    if (left > 0)
      note(
        `Your function leaves ${left} tensors in memory. tf.tidy(() => …) frees those of the synchronous parts, ` +
          `tensor.dispose() the others.`,
      );
  } finally {
    network.dispose();
  }
}

/** @returns the number of steps */
async function compare(
  yours: Loosely<FoolingFunction>,
  network: SmallNetwork,
  pixels: Pixels,
  target: number,
  settings: FoolingSettings,
  where = "",
): Promise<number> {
  const image = tf.tensor4d(Float32Array.from(pixels), [1, ...colourShape]);
  try {
    const result = await callStudent(
      "Task 1",
      () => yours(network.model, image, target, { ...settings, std: [...settings.std] }),
      network,
    );
    if (image.isDisposed)
      failed("Your function disposes of the image that it was given. Whoever called still needs it: clone it first.");
    if (typeof result !== "object" || result === null || !("image" in result))
      failed("Your function must return an object with two parts: { image, steps }.");
    const { steps, image: made } = result as { steps: number; image: unknown };
    const [got] = await picturesOf(made === image ? tf.clone(image) : made, image.shape);
    if (!Number.isInteger(steps)) failed("`steps` must be a whole number: how many steps were taken.");
    const right = referenceFooling(network, pixels, target, settings);
    const words = foolingMistake(network, pixels, target, settings, { got, steps }, right);
    if (words) failed(where ? `${where}: ${words}` : words);
    return steps;
  } finally {
    image.dispose();
  }
}

/** @returns nothing if the answer is right, else words for the student */
export function foolingMistake(
  network: SmallNetwork,
  pixels: Pixels,
  target: number,
  settings: FoolingSettings,
  { got, steps }: { got: ArrayLike<number>; steps: number },
  right: { image: number[]; steps: number },
): string | undefined {
  const near = (picture: readonly number[]): boolean => apart([got], [picture]) < 1e-3;
  if (!Array.from(got).every(Number.isFinite))
    return "Your image has values that are not numbers (NaN or infinite). Look for a division by 0.";
  if (near(right.image)) {
    if (steps === right.steps) return undefined;
    return (
      `Your image is right, but your function took ${right.steps} ${right.steps === 1 ? "step" : "steps"} and says ` +
      `${steps}. Count each change of the image once.`
    );
  }
  const slip = foolingSlips.find(({ words: _, ...variant }) =>
    near(referenceFooling(network, pixels, target, settings, variant).image),
  );
  if (slip) return slip.words;
  const values = Array.from(got),
    [low, high] = [Math.min(...values), Math.max(...values)];
  if (low < -1e-6 || high > 1 + 1e-6)
    return (
      `Range: your image has values from ${low.toFixed(3)} to ${high.toFixed(3)}. What you return must be an ` +
      `image: cut it to [0, 1].`
    );
  if (apart([got], [pixels]) < 1e-7) return "Your image is the image as it was: nothing was added to it.";
  if (steps !== right.steps)
    return (
      `You took ${steps} steps; the ascent by hand takes ${right.steps}. Compare each step with the formula: ` +
      `score, length, std.`
    );
  return (
    `Your image differs from the one worked out by hand by up to ${apart([got], [right.image]).toPrecision(2)} in ` +
    `a value, though the number of steps is right. Is the image cut to [0, 1] only at the end?`
  );
}
