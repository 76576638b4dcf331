import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { random } from "vitrine/dist/kit";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { firstGarments, pixelsOf } from "./pictures";
import { integratedGradientsMistakes, pathIntegral } from "./integrated-gradients-mistakes";
import { diagnose, difference, mapsOf, type Maps } from "./maps";
import { askedClasses, largest, targetLogit } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: integrated gradients of each image's target logit (Sundararajan, Taly & Yan 2017), by the
 * midpoint rule.
 * @param images [batch, 28, 28, 1] in [0, 1]
 * @param target one class index per image
 * @param baseline [batch, 28, 28, 1], where the path begins
 * @param steps number of points on the path, at (k − ½)/steps
 * @returns [batch, 28, 28, 1]
 */
export type IntegratedGradientsFunction = (
  model: VisionModel,
  images: tf.Tensor4D,
  target: number[],
  baseline: tf.Tensor4D,
  steps: number,
) => tf.Tensor | Promise<tf.Tensor>;

interface Case {
  readonly network: SmallNetwork;
  readonly images: tf.Tensor4D;
  readonly baseline: tf.Tensor4D;
  readonly pixels: Pixels[];
  readonly baselinePixels: Pixels[];
  readonly target: number[];
}

/**
 * Says in words whether integrated gradients are right, and if not, what is wrong: compares them on garments, a
 * baseline of random greys and a small random network with the sum worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkIntegratedGradients(yours: Loosely<IntegratedGradientsFunction>): Promise<void> {
  const network = smallNetwork(4);
  begin(network.tried);
  const { images, pixels } = await firstGarments(3);
  const baseline = randomGreys(images.shape);
  try {
    const target = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      network.model.classNames.length,
    );
    const some: Case = { network, images, baseline, pixels, baselinePixels: await pixelsOf(baseline), target };
    const left = await compare(yours, some, 5);
    passed(
      "Path, baseline and factor: equal to the sum over 5 points worked out by hand, also from a baseline that " +
        "is not black.",
    );
    passed("Score and class: the logit (not the probability) of the class asked for, one class for each image.");
    await compare(yours, some, 12, "With 5 steps your result was right; with 12 steps it is not. ");
    passed("Steps: right with 12 points too.");
    await completeness(yours, some, 100);
    if (left > 0)
      note(`Your function leaves ${left} tensors in memory at each call. tf.tidy(() => …) around its body frees them.`);
  } finally {
    tf.dispose([images, baseline]);
    network.dispose();
  }
}

/** @returns how many tensors the call left behind */
async function compare(
  yours: Loosely<IntegratedGradientsFunction>,
  some: Case,
  steps: number,
  start = "",
): Promise<number> {
  const { network, pixels, baselinePixels, target } = some;
  const { result, left } = await countingTensors(() => call(yours, some, steps));
  if (some.images.isDisposed || some.baseline.isDisposed)
    failed("Your function disposes of the images or the baseline that it was given. Whoever called still needs them.");
  const got = await mapsOf(result, some.images.shape);
  if (!start) passed(`Shape: one map for each image, [${some.images.shape.join(", ")}].`);
  const right = pathIntegral(pixels, baselinePixels, steps, { derivative: targetLogit(network, target) });
  const words = diagnose(
    got,
    right,
    () => integratedGradientsMistakes(network, pixels, baselinePixels, target, steps),
    {
      summed: true,
    },
  );
  if (words) failed(`${start}${words}`);
  return left;
}

/** The map's sum is the logit's change from baseline to image: the axiom that gives the method its meaning. */
async function completeness(yours: Loosely<IntegratedGradientsFunction>, some: Case, steps: number): Promise<void> {
  const { network, pixels, baselinePixels, target } = some;
  const got = await mapsOf(await call(yours, some, steps), some.images.shape);
  const right: Maps = pathIntegral(pixels, baselinePixels, steps, { derivative: targetLogit(network, target) });
  if (difference(got, right) > 2e-3)
    failed(
      `With ${steps} steps your result differs from the sum worked out by hand by ` +
        `${Math.round(100 * difference(got, right))} % of the largest value.`,
    );
  const changes = pixels.map(
    (image, i) => network.logits(image)[target[i]] - network.logits(baselinePixels[i])[target[i]],
  );
  const most = largest(changes.map(Math.abs));
  const sum = Array.from(got[most]).reduce((total, value) => total + value, 0);
  passed(
    `Completeness: with ${steps} points the values of map ${most + 1} add up to ${sum.toFixed(3)}; the logit ` +
      `changes by ${changes[most].toFixed(3)} from baseline to image.`,
  );
}

function call(yours: Loosely<IntegratedGradientsFunction>, some: Case, steps: number): Promise<unknown> {
  const { network, images, baseline, target } = some;
  return callStudent("Task 2", () => yours(network.model, images, target, baseline, steps), network);
}

/** Different for each pixel and image, so that a baseline left out anywhere shows. */
function randomGreys(shape: [number, number, number, number]): tf.Tensor4D {
  const chance = random(5, 17);
  return tf.tensor4d(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.5 * chance.uniform()),
    shape,
  );
}
