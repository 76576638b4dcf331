import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { randomColours } from "./pictures";
import { diagnose, difference, mapsOf, type Maps, type Mistake } from "./maps";
import { askedClasses, largest, targetLogit, wrongScores, type ScoreDerivative } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: image times the derivative of each image's target logit with respect to its pixels.
 * @param images [batch, height, width, channels] in [0, 1]
 * @param target one class index per image
 * @returns in the shape of `images`, signed
 */
export type InputXGradientFunction = (
  model: VisionModel,
  images: tf.Tensor4D,
  target: number[],
) => tf.Tensor | Promise<tf.Tensor>;

/**
 * Says in words whether gradient × input is right, and if not, what is wrong: compares it on pictures of random colours
 * and a small random network with the derivative worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkInputXGradient(yours: Loosely<InputXGradientFunction>): Promise<void> {
  const network = smallNetwork(9, [10, 12, 3]);
  begin(network.tried);
  const { images, pixels } = await randomColours(3, 9);
  try {
    const target = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      network.model.classNames.length,
    );
    const { result, left } = await countingTensors(() =>
      callStudent("Task 1", () => yours(network.model, images, [...target]), network),
    );
    if (images.isDisposed)
      failed("Your function disposes of the images that it was given. Whoever called still needs them.");
    const got = await mapsOf(result, images.shape);
    passed(`Shape: one map for each image, [${images.shape.join(", ")}].`);
    const right = inputXGradientMaps(network, pixels, target);
    const words = diagnose(got, right, () => inputXGradientMistakes(network, pixels, target));
    if (words) failed(words);
    passed(
      `Sign and scale: equal to image × derivative worked out by hand; the largest difference is ` +
        `${difference(got, right).toExponential(0)} of the largest value.`,
    );
    passed("Score and class: the logit (not the probability) of the class asked for, one class for each image.");
    await checkAlone(yours, network, images, pixels[1]);
    passed("Batch: an image alone gets the map that it should.");
    if (left > 0)
      note(`Your function leaves ${left} tensors in memory at each call. tf.tidy(() => …) around its body frees them.`);
  } finally {
    images.dispose();
    network.dispose();
  }
}

/** One image, another class: what was right for a batch of three must not depend on three. */
async function checkAlone(
  yours: Loosely<InputXGradientFunction>,
  network: SmallNetwork,
  images: tf.Tensor4D,
  pixels: Pixels,
): Promise<void> {
  const image = tf.tidy(() => images.slice([1], [1]) as tf.Tensor4D);
  try {
    const target = [(largest(network.logits(pixels)) + 5) % network.model.classNames.length];
    const got = await mapsOf(
      await callStudent("Task 1", () => yours(network.model, image, [...target]), network),
      image.shape,
    );
    const words = diagnose(got, inputXGradientMaps(network, [pixels], target), () =>
      inputXGradientMistakes(network, [pixels], target),
    );
    if (words)
      failed(`With three images your result was right; with one of them alone, for another class, it is not. ${words}`);
  } finally {
    image.dispose();
  }
}

/** Image × derivative of some score. */
const timesImage = (pixels: readonly Pixels[], derivative: ScoreDerivative): Maps =>
  pixels.map((image, i) => derivative(image, i).map((value, at) => value * image[at]));

/** Image × derivative of the target's logit, by hand. */
export const inputXGradientMaps = (network: SmallNetwork, pixels: readonly Pixels[], target: readonly number[]): Maps =>
  timesImage(pixels, targetLogit(network, target));

/** What usual slips give, with the words for them. */
export function inputXGradientMistakes(
  network: SmallNetwork,
  pixels: readonly Pixels[],
  target: readonly number[],
): Mistake[] {
  const own = targetLogit(network, target),
    derivatives = pixels.map(own),
    count = pixels.length;
  const predicted = pixels.map((image) => largest(network.logits(image)));
  const sum = derivatives[0].map((_, at) => derivatives.reduce((total, map) => total + map[at], 0));
  const made = (
    words: string,
    value: (image: number, derivative: number, i: number, at: number) => number,
  ): Mistake => ({
    words,
    maps: pixels.map((image, i) => Array.from(image, (each, at) => value(each, derivatives[i][at], i, at))),
  });
  return [
    made(
      "Image forgotten: this is the gradient alone. Each value is to be multiplied by the image's own.",
      (_, derivative) => derivative,
    ),
    made("Gradient forgotten: this is the image itself.", (image) => image),
    made(
      "Sign: every value has the opposite sign. Where brightening a bright pixel raises the logit, the value is " +
        "positive.",
      (image, derivative) => -image * derivative,
    ),
    made(
      "Sign lost: you give absolute values. Keep the signs; the absolute value is for drawing.",
      (image, derivative) => Math.abs(image * derivative),
    ),
    made(
      "Twice the image: your map is multiplied by the image two times.",
      (image, derivative) => image * image * derivative,
    ),
    made(
      "Sum instead of product: you add the gradient to the image. Multiply them, value by value.",
      (image, derivative) => image + derivative,
    ),
    made(
      "Darkness instead of brightness: you multiply by 1 − image, so that black counts and white does not.",
      (image, derivative) => (1 - image) * derivative,
    ),
    ...(count > 1
      ? [
          made(
            `Scale: every value is ${count} times too small, and there are ${count} images. Is there a mean over ` +
              `the batch?`,
            (image, derivative) => (image * derivative) / count,
          ),
          made(
            "Batch summed: every image is multiplied by the same gradient, the sum over all the images. Each " +
              "image needs its own.",
            (image, _, __, at) => image * sum[at],
          ),
          made(
            "Batch: every image's gradient is multiplied by the first image. Each has its own.",
            (_, derivative, __, at) => pixels[0][at] * derivative,
          ),
        ]
      : []),
    ...wrongScores(network, target, predicted).map(({ derivative, words }) => ({
      words,
      maps: timesImage(pixels, derivative),
    })),
  ];
}
