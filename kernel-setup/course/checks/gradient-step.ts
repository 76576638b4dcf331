import type * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { colourShape, randomColours, diagnosePictures, picturesOf } from "./pictures";
import {
  lossGradient,
  norm,
  normed,
  scaled,
  signs,
  stepMistakes,
  stepped,
  added,
  type StepOf,
} from "./gradient-step-reference";
import type { Maps, Mistake } from "./maps";
import { askedClasses, largest } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: images after one step up the cross-entropy of their labels, cut to [0, 1].
 * @param images [batch, height, width, channels] in [0, 1]
 * @param labels one class index per image
 * @param size epsilon, or the length of the step
 * @returns [batch, height, width, channels]
 */
export type GradientStepFunction = (
  model: VisionModel,
  images: tf.Tensor4D,
  labels: number[],
  size: number,
) => tf.Tensor | Promise<tf.Tensor>;

export interface GradientStep {
  readonly task: string;
  readonly step: StepOf;
  readonly sizes: readonly [number, number];
  readonly right: string;
  /** Slips that only this kind of step has. */
  slips(network: SmallNetwork, images: readonly Pixels[], labels: readonly number[], size: number): Mistake[];
}

/**
 * Says in words whether the fast gradient sign method is right, and if not, what is wrong: compares it on pictures of
 * random colours and a small random network with the derivative worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkFgsm(yours: Loosely<GradientStepFunction>): Promise<void> {
  await checkStep(yours, signStep);
}

/**
 * Says in words whether a step of given length along the gradient is right, and if not, what is wrong.
 * @throws CheckFailed with the words
 */
export async function checkNormedGradient(yours: Loosely<GradientStepFunction>): Promise<void> {
  await checkStep(yours, normedStep);
}

/** The fast gradient sign method. */
export const signStep: GradientStep = {
  task: "Task 2",
  step: signs,
  sizes: [0.05, 0.2],
  right: "Step: every value moves by epsilon, in the direction that raises the loss.",
  slips: (network, images, labels, size) => [
    ...lossScales(images).map((scale) => ({
      words:
        "Sign forgotten: you add epsilon times the gradient itself. The fast gradient sign method adds epsilon " +
        "times its sign.",
      maps: stepped(network, images, labels, size, (g) => scaled(g, scale)),
    })),
    {
      words:
        "Normed gradient: you divide by the gradient's length. Here its sign is asked for; the length is the " +
        "next task.",
      maps: stepped(network, images, labels, size, normed),
    },
  ],
};

/** A loss is the batch's sum or its mean: where a slip keeps the gradient's size, it shows. */
const lossScales = (images: readonly Pixels[]): number[] => [1, 1 / images.length];

const of =
  (measure: (g: ArrayLike<number>) => number): StepOf =>
  (g) =>
    scaled(g, 1 / measure(g));
/** Divided by the length of those values that are in the same group. */
const over =
  (group: (at: number) => number): StepOf =>
  (g) => {
    const squares = new Map<number, number>();
    Array.from(g, (value, at) => squares.set(group(at), (squares.get(group(at)) ?? 0) + value ** 2));
    return Array.from(g, (value, at) => value / Math.sqrt(squares.get(group(at))!));
  };
const absolute = (g: ArrayLike<number>): number[] => Array.from(g, Math.abs);

/** A step of given length along the gradient. */
export const normedStep: GradientStep = {
  task: "Task 3",
  step: normed,
  sizes: [0.8, 2.5],
  right: "Step: along the gradient, and of the length asked for.",
  slips: (network, images, labels, size) => {
    const gradients = images.map((image, i) => lossGradient(network, image, labels[i]));
    const whole = Math.sqrt(gradients.reduce((sum, g) => sum + norm(g) ** 2, 0));
    return [
      {
        words:
          "Batch: you divide by the length of all the images' gradients together. Each image's step has the " +
          "length asked for: sum over the axes 1, 2 and 3.",
        maps: added(
          images,
          gradients.map((g) => scaled(g, 1 / whole)),
          size,
        ),
      },
      {
        words: "Norm: you divide by the largest absolute value. The length is the root of the sum of squares.",
        maps: stepped(
          network,
          images,
          labels,
          size,
          of((g) => Math.max(...absolute(g))),
        ),
      },
      {
        words: "Norm: you divide by the sum of absolute values. The length is the root of the sum of squares.",
        maps: stepped(
          network,
          images,
          labels,
          size,
          of((g) => absolute(g).reduce((a, b) => a + b)),
        ),
      },
      ...lossScales(images).map((scale) => ({
        words: "Norm: you divide by the sum of squares; its root is missing.",
        maps: stepped(
          network,
          images,
          labels,
          size,
          of((g) => scale * norm(g) ** 2),
        ),
      })),
      {
        words: "Norm: you divide by the root of the mean of squares. The length has the sum in place of the mean.",
        maps: stepped(
          network,
          images,
          labels,
          size,
          of((g) => norm(g) / Math.sqrt(g.length)),
        ),
      },
      {
        words: "Length forgotten: your step has the length 1, whatever length is asked for.",
        maps: stepped(network, images, labels, 1, normed),
      },
      {
        words:
          "Norm: each pixel's colours are divided by their own length. One length for each image: axes 1, 2 and 3.",
        maps: stepped(
          network,
          images,
          labels,
          size,
          over((at) => Math.floor(at / colourShape[2])),
        ),
      },
      {
        words:
          "Norm: each colour is divided by its own length. One length for each image: axes 1, 2 and 3, the " +
          "colours too.",
        maps: stepped(
          network,
          images,
          labels,
          size,
          over((at) => at % colourShape[2]),
        ),
      },
      ...(images.length === colourShape[2]
        ? [
            {
              words:
                "Norm: colour c is divided by the length of image c's gradient. Let the axes that you sum stay, with " +
                "length 1: tf.sum(…, [1, 2, 3], true).",
              maps: added(
                images,
                gradients.map((g) => Array.from(g, (value, at) => value / norm(gradients[at % colourShape[2]]))),
                size,
              ),
            },
          ]
        : []),
      ...lossScales(images).map((scale) => ({
        words: "Length forgotten: you add the gradient itself, without dividing by its length.",
        maps: stepped(network, images, labels, size, (g) => scaled(g, scale)),
      })),
      ...[signs, (g: ArrayLike<number>): number[] => scaled(signs(g, []), 1 / Math.sqrt(g.length))].map((step) => ({
        words:
          "Sign: you take the gradient's sign, as in the task before. Here the gradient itself is asked for, " +
          "scaled to a length.",
        maps: stepped(network, images, labels, size, step),
      })),
    ];
  },
};

async function checkStep(yours: Loosely<GradientStepFunction>, kind: GradientStep): Promise<void> {
  const network = smallNetwork(11, colourShape),
    { task, sizes, right: said } = kind;
  const { images, pixels } = await randomColours(3, 21);
  begin(network.tried);
  try {
    const labels = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      10,
    );
    let left = 0;
    for (const [attempt, size] of sizes.entries()) {
      const counted = await countingTensors(() =>
        callStudent(task, () => yours(network.model, images, labels, size), network),
      );
      if (images.isDisposed)
        failed("Your function disposes of the images that it was given. Whoever called still needs them.");
      left = counted.left;
      const got = await picturesOf(counted.result, images.shape);
      if (attempt === 0) passed(`Shape: changed images, [${images.shape.join(", ")}].`);
      const words = gradientStepMistake(got, kind, network, pixels, labels, size);
      if (words)
        failed(attempt === 0 ? words : `With ${sizes[0]} your result was right; with ${size} it is not. ${words}`);
      if (attempt === 0) passed(said);
    }
    passed("Label and loss: the cross-entropy of the label given, one for each image.");
    passed(`Range: within [0, 1], also where a step of ${sizes[1]} would leave it.`);
    if (left > 0)
      note(`Your function leaves ${left} tensors in memory at each call. tf.tidy(() => …) around its body frees them.`);
  } finally {
    images.dispose();
    network.dispose();
  }
}

/** @returns nothing if the changed images are right, else words for the student */
export function gradientStepMistake(
  got: Maps,
  { step, slips }: GradientStep,
  network: SmallNetwork,
  pixels: readonly Pixels[],
  labels: readonly number[],
  size: number,
): string | undefined {
  const right = stepped(network, pixels, labels, size, step);
  return diagnosePictures(step === signs ? forgiven(got, right, network, pixels, labels) : got, right, pixels, () => [
    ...stepMistakes(network, pixels, labels, size, step),
    ...slips(network, pixels, labels, size),
  ]);
}

/** Where the derivative is next to nothing its sign is a matter of rounding. */
function forgiven(
  got: Maps,
  right: Maps,
  network: SmallNetwork,
  images: readonly Pixels[],
  labels: readonly number[],
): Maps {
  return got.map((picture, i) => {
    const gradient = lossGradient(network, images[i], labels[i]),
      least = 1e-5 * Math.max(...gradient.map(Math.abs));
    return Array.from(picture, (value, p) => (Math.abs(gradient[p]) < least ? right[i][p] : value));
  });
}
