import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { colourShape, randomColours, pixelsOf } from "./pictures";
import { diagnose, difference, mapsOf, type Maps, type Mistake } from "./maps";
import { askedClasses, largest, targetLogit, wrongScores } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: for each pixel the largest absolute derivative of the target's logit over the three colours.
 * @param images [batch, height, width, 3] in [0, 1]
 * @param target one class index per image
 * @returns [batch, height, width, 1]
 */
export type SaliencyFunction = (
  model: VisionModel,
  images: tf.Tensor4D,
  target: number[],
) => tf.Tensor | Promise<tf.Tensor>;

const channels = colourShape[2];
const [height, width] = colourShape;

/** One value of each pixel's three derivatives. */
const perPixel = (derivative: ArrayLike<number>, reduce: (values: number[]) => number): number[] =>
  Array.from({ length: height * width }, (_, p) =>
    reduce(Array.from({ length: channels }, (_unused, c) => derivative[p * channels + c])),
  );
const maxAbs = (values: number[]): number => Math.max(...values.map(Math.abs));

/**
 * Says in words whether a saliency map is right, and if not, what is wrong: compares it on pictures of random colours
 * and a small random network with the derivative worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkSaliency(yours: Loosely<SaliencyFunction>): Promise<void> {
  const network = smallNetwork(5, colourShape);
  begin(network.tried);
  const { images, pixels } = await randomColours(3, 5);
  try {
    const target = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      network.model.classNames.length,
    );
    const { result, left } = await countingTensors(() =>
      callStudent("Task 1", () => yours(network.model, images, target), network),
    );
    const got = await mapsOf(result, [3, height, width, 1], "one");
    passed(`Shape: one map for each image, one value for each pixel, [3, ${height}, ${width}, 1].`);
    const words = diagnose(got, saliencyMaps(network, pixels, target), () => saliencyMistakes(network, pixels, target));
    if (words) failed(words);
    passed(
      `Colours: the largest absolute derivative of the three; the largest difference from the one worked out by ` +
        `hand is ${difference(got, saliencyMaps(network, pixels, target)).toExponential(0)} of the largest value.`,
    );
    passed("Score and class: the logit (not the probability) of the class asked for, one class for each image.");
    await checkAlone(yours, network, images);
    passed("Batch: an image alone gets the map that it should.");
    if (left > 0)
      note(`Your function leaves ${left} tensors in memory at each call. tf.tidy(() => …) around its body frees them.`);
  } finally {
    images.dispose();
    network.dispose();
  }
}

/** One image, another class: what was right for a batch of three must not depend on three. */
async function checkAlone(yours: Loosely<SaliencyFunction>, network: SmallNetwork, images: tf.Tensor4D): Promise<void> {
  const image = tf.tidy(() => images.slice([1], [1]).reverse(2) as tf.Tensor4D);
  try {
    const pixels = await pixelsOf(image);
    const target = [(largest(network.logits(pixels[0])) + 5) % network.model.classNames.length];
    const got = await mapsOf(
      await callStudent("Task 1", () => yours(network.model, image, target), network),
      [1, height, width, 1],
      "one",
    );
    const words = diagnose(got, saliencyMaps(network, pixels, target), () => saliencyMistakes(network, pixels, target));
    if (words) failed(`With three images your result was right; with another image, alone, it is not. ${words}`);
  } finally {
    image.dispose();
  }
}

/** The saliency maps worked out by hand. */
export const saliencyMaps = (network: SmallNetwork, pixels: readonly Pixels[], target: readonly number[]): Maps =>
  pixels.map(targetLogit(network, target)).map((derivative) => perPixel(derivative, maxAbs));

/** What usual slips give in place of a saliency map, with the words for them. */
export function saliencyMistakes(
  network: SmallNetwork,
  pixels: readonly Pixels[],
  target: readonly number[],
): Mistake[] {
  const derivatives = pixels.map(targetLogit(network, target));
  const reduced = (words: string, reduce: (values: number[]) => number): Mistake => ({
    words,
    maps: derivatives.map((derivative) => perPixel(derivative, reduce)),
  });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const total = derivatives[0].map((_, i) => sum(derivatives.map((derivative) => derivative[i])));
  return [
    reduced(
      "Sign first: you take the largest derivative, whatever is negative loses. The largest *absolute* value of " +
        "the three is asked for.",
      (values) => Math.max(...values),
    ),
    reduced(
      "Order: you take the largest derivative and then its absolute value. First the absolute values, then the " +
        "largest of them.",
      (values) => Math.abs(Math.max(...values)),
    ),
    reduced("Sign: your map keeps the sign of the strongest colour. The absolute value is asked for.", (values) =>
      values.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0),
    ),
    reduced(
      "Colours added: you add the three derivatives, so that opposite ones cancel. Take the largest absolute " +
        "value of the three.",
      sum,
    ),
    reduced(
      "Colours added: you add the three derivatives and take the absolute value then; opposite ones have " +
        "cancelled. Take the largest absolute value of the three.",
      (values) => Math.abs(sum(values)),
    ),
    reduced("Colours: you add the three absolute values. The largest of the three is asked for.", (values) =>
      sum(values.map(Math.abs)),
    ),
    reduced(
      "Colours: you take the mean of the three absolute values. The largest of the three is asked for.",
      (values) => sum(values.map(Math.abs)) / channels,
    ),
    reduced(
      "Colours: you take the Euclidean length of the three derivatives. The largest absolute value is asked for.",
      (values) => Math.hypot(...values),
    ),
    reduced("Colours: you take the smallest of the three absolute values. The largest is asked for.", (values) =>
      Math.min(...values.map(Math.abs)),
    ),
    reduced("Colours: you use one colour only, the first. All three count.", ([red]) => Math.abs(red)),
    ...(pixels.length > 1
      ? [
          {
            words:
              "Batch summed: every image gets the same map, the one of the sum over all the images. Each image " +
              "needs its own.",
            maps: derivatives.map(() => perPixel(total, maxAbs)),
          },
        ]
      : []),
    {
      words: "Gradient times image: you multiply the derivative by the image. The derivative alone is asked for.",
      maps: derivatives.map((derivative, i) =>
        perPixel(
          derivative.map((value, at) => value * pixels[i][at]),
          maxAbs,
        ),
      ),
    },
    ...wrongScores(
      network,
      target,
      pixels.map((image) => largest(network.logits(image))),
    ).map(({ derivative, words }) => ({
      words,
      maps: pixels.map((image, i) => perPixel(derivative(image, i), maxAbs)),
    })),
  ];
}
