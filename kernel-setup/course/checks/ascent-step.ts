import * as tf from "@tensorflow/tfjs";
import { ascent, euclidean, type AscentSettings, type StepVariant } from "./ascent-reference";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { randomColours } from "./pictures";
import { difference, mapsOf, type Maps } from "./maps";
import { askedClasses, largest, targetLogit, wrongScores, type ScoreDerivative } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/** The logits of normalised images: [batch, height, width, channels] → [batch, classes]. */
export type LogitsFunction = (x: tf.Tensor) => tf.Tensor2D;

/**
 * What the student writes: one step of gradient ascent on logit − λ‖x‖², along each image's own gradient at unit
 * length.
 * @param x [batch, height, width, channels], normalised
 * @param target one class index per image
 * @returns x after the step
 */
export type AscentStepFunction = (
  logits: LogitsFunction,
  x: tf.Tensor4D,
  target: number[],
  settings: AscentSettings,
) => tf.Tensor | Promise<tf.Tensor>;

/** Beyond what float32 loses in a step, below any mistake. */
export const tolerance = 2e-3;

interface Case {
  readonly network: SmallNetwork;
  readonly x: tf.Tensor4D;
  readonly pixels: Pixels[];
  readonly target: number[];
  readonly settings: AscentSettings;
}

/**
 * Says in words whether an ascent step is right, and if not, what is wrong: compares it on pictures of random colours
 * and a small random network with the step worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkAscentStep(yours: Loosely<AscentStepFunction>): Promise<void> {
  const network = smallNetwork(6, [10, 12, 3]);
  begin(network.tried);
  const { images: x, pixels } = await randomColours(3, 8);
  try {
    const target = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      network.model.classNames.length,
    );
    const some: Case = { network, x, pixels, target, settings: { learningRate: 2, l2: 0.05 } };
    const left = await compare(yours, some);
    passed("Direction and length: each image moves by η along its own gradient at unit length.");
    passed("Score and class: the logit (not the probability) of the class asked for, one class for each image.");
    await compare(
      yours,
      { ...some, settings: { learningRate: 0.7, l2: 0.4 } },
      "With η = 2 and λ = 0.05 your step was right; with η = 0.7 and λ = 0.4 it is not. ",
    );
    passed("λ: the regularizer is right with another weight too.");
    await checkAlone(yours, some);
    passed("Batch: an image alone takes the same step.");
    if (left > 0)
      note(`Your function leaves ${left} tensors in memory at each call. tf.tidy(() => …) around its body frees them.`);
  } finally {
    x.dispose();
    network.dispose();
  }
}

/** @returns how many tensors the call left behind */
async function compare(
  yours: Loosely<AscentStepFunction>,
  { network, x, pixels, target, settings }: Case,
  start = "",
): Promise<number> {
  const { result, left } = await countingTensors(() =>
    callStudent("Task 1", () => yours((at) => network.model.logits(at), x, [...target], { ...settings }), network),
  );
  if (x.isDisposed) failed("Your function disposes of the images that it was given. Whoever called still needs them.");
  const got = await mapsOf(result, x.shape);
  if (!start) passed(`Shape: the images after the step, [${x.shape.join(", ")}].`);
  const words = ascentStepMistake(got, pixels, network, target, settings);
  if (words) failed(start + words);
  return left;
}

async function checkAlone(yours: Loosely<AscentStepFunction>, some: Case): Promise<void> {
  const x = tf.tidy(() => some.x.slice([1], [1]) as tf.Tensor4D);
  try {
    await compare(
      yours,
      { ...some, x, pixels: [some.pixels[1]], target: [some.target[1]] },
      "With three images your step was right; with one of them alone it is not. ",
    );
  } finally {
    x.dispose();
  }
}

const plus = (pixels: readonly Pixels[], change: Maps): Maps =>
  pixels.map((image, i) => Array.from(image, (value, at) => value + change[i][at]));

/** @returns nothing if `got` is right, else words for the student */
export function ascentStepMistake(
  got: Maps,
  pixels: readonly Pixels[],
  network: SmallNetwork,
  target: readonly number[],
  settings: AscentSettings,
): string | undefined {
  if (got.some((image) => Array.from(image).some((value) => !Number.isFinite(value))))
    return "Your images have values that are not numbers (NaN or infinite). Look for a division by 0.";
  // Compared as changes, which are small beside the images.
  const changes = (images: Maps): Maps =>
    images.map((image, i) => Array.from(image, (value, at) => value - pixels[i][at]));
  const change = changes(got),
    derivative = targetLogit(network, target),
    right = ascent(pixels, derivative, settings);
  if (difference(change, right) < tolerance) return undefined;
  if (difference(got, pixels) < 1e-6) return "Nothing moves: your function returns the images as they were.";
  const exact = mistakes(pixels, network, target, settings).find(
    ({ images }) => difference(change, changes(images)) < tolerance,
  );
  if (exact) return exact.words;
  const lengths = change.map((image, i) => euclidean(image) / euclidean(right[i]));
  const along = change.every(
    (image, i) => difference([Array.from(image, (value) => value / lengths[i])], [right[i]]) < tolerance,
  );
  if (along)
    return (
      `Length: your images move in the right direction, but ` +
      `${lengths.map((length) => Number(length.toPrecision(3))).join(", ")} times as far as they should.`
    );
  return (
    "The images after the step are not those asked for, and it is none of the usual slips (direction, norm, " +
    "regularizer, class): compare your code with the formula above, term by term."
  );
}

function mistakes(
  pixels: readonly Pixels[],
  network: SmallNetwork,
  target: readonly number[],
  settings: AscentSettings,
): { images: Maps; words: string }[] {
  const own = targetLogit(network, target),
    predicted = pixels.map((image) => largest(network.logits(image)));
  const variant = (
    words: string,
    step: StepVariant,
    derivative: ScoreDerivative = own,
    changed = settings,
  ): { images: Maps; words: string } => ({ images: plus(pixels, ascent(pixels, derivative, changed, step)), words });
  const numbers = (values: ArrayLike<number>): number[] => Array.from(values);
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const right = ascent(pixels, own, settings);
  return [
    {
      images: right,
      words: "Step only: you return the step. The images after the step are asked for: x plus the step.",
    },
    variant("Direction: you go down. Ascent adds the step, so that the score rises.", { sign: -1 }),
    variant("No norm: you step by η times the gradient itself. Divide each image's gradient by its own L2 norm.", {
      norm: () => 1,
    }),
    ...(pixels.length > 1
      ? [
          variant(
            "Norm: you divide by the norm over the whole batch. Each image's gradient has its own norm, over " +
              "height, width and channels.",
            { norm: (all) => euclidean(all.flatMap(numbers)) },
          ),
        ]
      : []),
    variant("Norm: you divide by the sum of absolute values. The L2 norm is the root of the sum of squares.", {
      norm: (all, i) => sum(numbers(all[i]).map(Math.abs)),
    }),
    variant("Norm: you divide by the largest absolute value. The L2 norm is the root of the sum of squares.", {
      norm: (all, i) => Math.max(...numbers(all[i]).map(Math.abs)),
    }),
    variant("Norm: you divide by the sum of squares. The root is missing.", {
      norm: (all, i) => euclidean(all[i]) ** 2,
    }),
    variant("Norm: you divide by the root of the *mean* of the squares. The sum is asked for.", {
      norm: (all, i) => euclidean(all[i]) / Math.sqrt(all[i].length),
    }),
    variant(
      "Regularizer: λ‖x‖² is missing, has no part in the derivative, or is a mean of squares where the sum is " +
        "asked for.",
      { penalty: (x) => numbers(x).map(() => 0) },
    ),
    variant("Regularizer: its derivative is 2λx; a factor of 2 is missing.", { penalty: numbers }),
    variant("Regularizer: λ‖x‖² is added to the logit. It is taken off, so that large values cost something.", {
      penalty: (x) => numbers(x).map((value) => -2 * value),
    }),
    variant("Regularizer: you take λ‖x‖, the norm itself. Its square is asked for.", {
      penalty: (x) => numbers(x).map((value) => value / euclidean(x)),
    }),
    ...(pixels.length > 1
      ? [
          variant("Regularizer: you take the mean of ‖x‖² over the batch. Each image has its own.", {
            penalty: (x) => numbers(x).map((value) => (2 * value) / pixels.length),
          }),
        ]
      : []),
    ...wrongScores(network, target, predicted).map(({ derivative, words }) =>
      variant(words.replace(/you explain/g, "you climb").replace("this explains", "this climbs"), {}, derivative),
    ),
  ];
}
