import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { random } from "vitrine/dist/kit";
import { begin, callStudent, failed, note, passed, type Loosely } from "./call-student";
import { firstGarments } from "./pictures";
import { attackMistake } from "./occlusion-mistakes";
import { positions, referenceAttack, same, setTo, type AttackSettings, type TopLeft } from "./occlusion-reference";
import { largest } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: which windows must be 0 for the prediction to change, found greedily.
 * @param image [1, 28, 28, 1] in [0, 1]
 * @returns the windows' upper left corners in the order in which they were taken
 */
export type OcclusionAttackFunction = (
  model: VisionModel,
  image: tf.Tensor4D,
  settings: AttackSettings,
) => TopLeft[] | Promise<TopLeft[]>;

/**
 * Says in words whether an occlusion attack is right, and if not, what is wrong: compares its windows on a garment, on
 * random greys and on a small random network with those that a slow search finds.
 * @throws CheckFailed with the words
 */
export async function checkOcclusionAttack(yours: Loosely<OcclusionAttackFunction>): Promise<void> {
  const before = tf.memory().numTensors;
  const noise = randomGreys(),
    network = smallNetwork(39);
  begin(network.tried);
  try {
    const many = { window: 8, stride: 5, maxSteps: 8 };
    const found = await compare(yours, network, noise, many, "On a picture of random greys");
    passed(
      `Windows: on a picture of random greys you take ${found.length} windows, the ones that the slow search ` +
        `takes, and stop when the prediction has changed.`,
    );
    await compare(yours, network, noise, { ...many, maxSteps: 2 }, "With maxSteps 2");
    passed("Limit: no more windows than `maxSteps`, also where the prediction has not changed yet.");
    await compare(yours, network, noise, { window: 6, stride: 4, maxSteps: 8 }, "With window 6 and stride 4");
    passed("Window and stride: right with another size and another stride too.");
    await again(yours, network);
    await onGarment(yours, network);
  } finally {
    network.dispose();
  }
  const left = tf.memory().numTensors - before;
  if (left > 0)
    note(
      `Your function leaves ${left} tensors in memory. tf.tidy(() => …) frees those of the synchronous parts, ` +
        `tensor.dispose() the others.`,
    );
}

async function onGarment(yours: Loosely<OcclusionAttackFunction>, network: SmallNetwork): Promise<void> {
  const { images, pixels, kind } = await firstGarments(1);
  images.dispose();
  await compare(yours, network, pixels[0], { window: 4, stride: 2, maxSteps: 4 }, "On a garment");
  passed(`Garment: right on a ${kind} too.`);
}

/**
 * A faint square on black: when it is covered, no window changes anything any more, and whoever does not leave out
 * those that were taken takes one of them again. Of equal ones any is right: rounding tells them apart.
 */
async function again(yours: Loosely<OcclusionAttackFunction>, network: SmallNetwork): Promise<void> {
  const settings = { window: 8, stride: 5, maxSteps: 5 };
  const pixels = setTo(new Float64Array(28 * 28), [[10, 10]], 6, 0.2);
  const image = tf.tensor4d(Float32Array.from(pixels), [1, 28, 28, 1]);
  try {
    const result = await callStudent("Task 3", () => yours(network.model, image, { ...settings }), network);
    const found = windowsOf(result, settings);
    const where = "On a faint square on black";
    const right = referenceAttack(network, pixels, settings);
    if (found.length !== right.length) failed(attackMistake(network, pixels, settings, found, right, where));
    const predicted = largest(network.logits(pixels));
    let current = pixels;
    for (const [step, place] of found.entries()) {
      const free = positions(settings).filter((other) => !found.slice(0, step).some((taken) => same(taken, other)));
      const scoreOf = (other: TopLeft): number => network.logits(setTo(current, [other], settings.window))[predicted];
      if (scoreOf(place) > Math.min(...free.map(scoreOf)) + 1e-4)
        failed(attackMistake(network, pixels, settings, found, right, where));
      current = setTo(current, [place], settings.window);
    }
  } finally {
    image.dispose();
  }
  passed("Again: no window is taken twice, also where none changes anything any more.");
}

async function compare(
  yours: Loosely<OcclusionAttackFunction>,
  network: SmallNetwork,
  pixels: Pixels,
  settings: AttackSettings,
  where: string,
): Promise<TopLeft[]> {
  const image = tf.tensor4d(Float32Array.from(pixels), [1, 28, 28, 1]);
  try {
    const result = await callStudent("Task 3", () => yours(network.model, image, { ...settings }), network);
    if (image.isDisposed)
      failed("Your function disposes of the image that it was given. Whoever called still needs it: clone it first.");
    const found = windowsOf(result, settings);
    const right = referenceAttack(network, pixels, settings);
    if (!sameWindows(found, right)) failed(attackMistake(network, pixels, settings, found, right, where));
    return found;
  } finally {
    image.dispose();
  }
}

/** Fails in words unless the result is a list of places where a window may stand, none twice. */
function windowsOf(result: unknown, settings: AttackSettings): TopLeft[] {
  if (result === undefined || result === null) failed("Your function returned nothing. Is the `return` missing?");
  if (!Array.isArray(result))
    failed("Your function must return a list of windows, each [row, column] of the upper left corner.");
  const pairs = result.every(
    (place) => Array.isArray(place) && place.length === 2 && place.every((value) => Number.isInteger(value)),
  );
  if (!pairs) failed("Each window in your list must be [row, column], two integers: its upper left corner.");
  const found = result as TopLeft[],
    { window, stride, maxSteps } = settings,
    end = 28 - window;
  if (found.length > maxSteps) failed(`Limit: you took ${found.length} windows, but \`maxSteps\` allowed ${maxSteps}.`);
  const out = found.find(([row, column]) => row < 0 || column < 0 || row > end || column > end);
  if (out)
    failed(
      `Edge: the window at [${out.join(", ")}] sticks out of the image: with side ${window} the last row and ` +
        `column where one can stand is ${end}. Look at the end of your loops.`,
    );
  const places = positions(settings);
  const off = found.find((place) => !places.some((other) => same(place, other)));
  if (off)
    failed(
      `Stride: there is no window at [${off.join(", ")}]. With stride ${stride} windows stand at 0, ${stride}, ` +
        `${2 * stride}, … in both directions.`,
    );
  const twice = found.find((place, i) => found.slice(0, i).some((other) => same(place, other)));
  if (twice)
    failed(
      `Repeated window: you took [${twice.join(", ")}] twice. What is already 0 need not be set to 0 again: ` +
        `leave windows out that were taken.`,
    );
  return found;
}

function randomGreys(): Pixels {
  const chance = random(11, 28);
  return Float32Array.from({ length: 28 * 28 }, () => chance.uniform());
}

const sameWindows = (a: readonly TopLeft[], b: readonly TopLeft[]): boolean =>
  a.length === b.length && a.every((place, i) => same(place, b[i]));
