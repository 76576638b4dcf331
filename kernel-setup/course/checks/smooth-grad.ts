import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { random } from "vitrine/dist/kit";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { colourShape, randomColours, pixelsOf } from "./pictures";
import { diagnose, difference, mapsOf, type Maps, type Mistake } from "./maps";
import { askedClasses, largest, targetLogit, wrongScores, type ScoreDerivative } from "./scores";
import { smallNetwork, type Pixels, type SmallNetwork } from "./small-network";

/**
 * What the student writes: the mean derivative of each image's target logit over noisy copies of the image.
 * @param images [batch, height, width, 3]
 * @param target one class index per image
 * @param noise [samples, height, width, 3], added to every image
 * @returns [batch, height, width, 3], signed
 */
export type SmoothGradFunction = (
  model: VisionModel,
  images: tf.Tensor4D,
  target: number[],
  noise: tf.Tensor4D,
) => tf.Tensor | Promise<tf.Tensor>;

/**
 * Says in words whether SmoothGrad is right, and if not, what is wrong: compares it on pictures of random colours and a
 * small random network with derivatives worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkSmoothGrad(yours: Loosely<SmoothGradFunction>): Promise<void> {
  const network = smallNetwork(9, colourShape);
  begin(network.tried);
  const { images, pixels } = await randomColours(2, 9);
  try {
    const first = await compare(yours, network, images, pixels, 3);
    passed(`Shape: one map for each image, [${images.shape.join(", ")}].`);
    passed(
      `Mean: equal to the mean of the three derivatives worked out by hand; the largest difference is ` +
        `${first.error.toExponential(0)} of the largest value.`,
    );
    await compare(yours, network, images, pixels, 7);
    passed("Noise: right with another number of samples and other noise too.");
    if (first.left > 0)
      note(
        `Your function leaves ${first.left} tensors in memory at each call. tf.tidy(() => …) around its body ` +
          `frees them.`,
      );
  } finally {
    images.dispose();
    network.dispose();
  }
}

async function compare(
  yours: Loosely<SmoothGradFunction>,
  network: SmallNetwork,
  images: tf.Tensor4D,
  pixels: readonly Pixels[],
  samples: number,
): Promise<{ error: number; left: number }> {
  const { normal } = random(samples, 17),
    size = pixels[0].length;
  const noise = tf.tensor4d(
    Float32Array.from({ length: samples * size }, () => 0.3 * normal()),
    [samples, ...colourShape],
  );
  try {
    const target = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      network.model.classNames.length,
    );
    const { result, left } = await countingTensors(() =>
      callStudent("Task 2", () => yours(network.model, images, target, noise), {
        tried: network.tried,
        explain: (message) => (images.shape[0] === samples ? undefined : atOnce(message, images.shape, noise.shape)),
      }),
    );
    if (images.isDisposed || noise.isDisposed)
      failed(
        "Your function disposes of the images or of the noise that it was given. Whoever called still needs them.",
      );
    const got = await mapsOf(result, images.shape),
      each = await pixelsOf(noise);
    const right = smoothGradMaps(network, pixels, each, target);
    const words = diagnose(got, right, () => smoothGradMistakes(network, pixels, each, target), { summed: true });
    if (words) failed(words);
    return { error: difference(got, right), left };
  } finally {
    noise.dispose();
  }
}

/** Words for images and noise that do not fit each other. */
function atOnce(message: string, images: readonly number[], noise: readonly number[]): string | undefined {
  const isIn = (shape: readonly number[]): boolean => message.replace(/\s/g, "").includes(shape.join());
  if (!isIn(images) || !isIn(noise)) return undefined;
  return (
    `All noise at once: \`noise\` has ${noise[0]} noise images, and there are ${images[0]} photographs, so the two ` +
    `cannot be added. Every photograph gets every noise image: take them one after another, noise.slice([s], [1]).`
  );
}

type Statistic = (gradients: readonly ArrayLike<number>[], at: number) => number;
const total: Statistic = (gradients, at) => gradients.reduce((sum, gradient) => sum + gradient[at], 0);
const mean: Statistic = (gradients, at) => total(gradients, at) / gradients.length;
const shifted = (image: Pixels, noise: Pixels, change: (value: number) => number = (value) => value): Float64Array =>
  Float64Array.from(image, (value, at) => change(value + noise[at]));

/** A statistic of each image's derivatives over its noisy copies. */
function statistic(
  pixels: readonly Pixels[],
  noise: readonly Pixels[],
  derivative: ScoreDerivative,
  of: Statistic,
  change?: (value: number) => number,
): Maps {
  return pixels.map((image, i) => {
    const gradients = noise.map((sample) => derivative(shifted(image, sample, change), i));
    return Float64Array.from(image, (_, at) => of(gradients, at));
  });
}

/** The means of derivatives worked out by hand. */
export const smoothGradMaps = (
  network: SmallNetwork,
  pixels: readonly Pixels[],
  noise: readonly Pixels[],
  target: readonly number[],
): Maps => statistic(pixels, noise, targetLogit(network, target), mean);

/** What usual slips give in place of SmoothGrad, with the words for them. */
export function smoothGradMistakes(
  network: SmallNetwork,
  pixels: readonly Pixels[],
  noise: readonly Pixels[],
  target: readonly number[],
): Mistake[] {
  const derivative = targetLogit(network, target),
    predicted = pixels.map((image) => largest(network.logits(image)));
  const average = Float64Array.from(noise[0], (_, at) => mean(noise, at));
  const zero = new Float64Array(noise[0].length);
  const slip = (words: string, of: Statistic, change?: (value: number) => number): Mistake => ({
    words,
    maps: statistic(pixels, noise, derivative, of, change),
  });
  const only = (words: string, ...samples: Pixels[]): Mistake => ({
    words,
    maps: statistic(pixels, samples, derivative, mean),
  });
  return [
    only("Noise forgotten: this is the derivative at the image itself. SmoothGrad takes it at noisy copies.", zero),
    only("One sample only: you use the first noise and no other. All samples count.", noise[0]),
    only(
      "One sample only: you use the last noise and no other. Is the sum begun again in the loop?",
      noise[noise.length - 1],
    ),
    only(
      "Mean of the wrong thing: you take the derivative once, at the mean of the noisy images. The mean of the " +
        "derivatives is asked for.",
      average,
    ),
    only(
      "Noise taken off: you subtract the noise from the image. Add it.",
      ...noise.map((sample) => Float64Array.from(sample, (value) => -value)),
    ),
    {
      words: "Times noise: you multiply the image by the noise. Add the two.",
      maps: pixels.map((image, i) => {
        const gradients = noise.map((sample) =>
          derivative(
            Float64Array.from(image, (value, at) => value * sample[at]),
            i,
          ),
        );
        return Float64Array.from(image, (_, at) => mean(gradients, at));
      }),
    },
    only(
      "One too many: the derivative at the image itself is among those that you average. Only the noisy " +
        "copies count: " +
        "begin the sum with zeros.",
      ...noise,
      zero,
    ),
    {
      words:
        "One too many: your sum begins with the derivative at the image itself. Begin it with zeros: " +
        "tf.zerosLike(images).",
      maps: pixels.map((image, i) => {
        const all = [zero, ...noise].map((sample) => derivative(shifted(image, sample), i));
        return Float64Array.from(image, (_, at) => total(all, at) / noise.length);
      }),
    },
    slip(
      "Divided too often: you divide in every turn of the loop, the earlier ones again and again. Divide " +
        "once, after it.",
      (gradients, at) => gradients.reduce((sum, gradient) => (sum + gradient[at]) / gradients.length, 0),
    ),
    slip("Largest instead of mean: you keep the largest derivative of the samples.", (gradients, at) =>
      gradients.reduce((most, gradient) => Math.max(most, gradient[at]), -Infinity),
    ),
    only("Off by one: the last sample is missing, the loop ends too early.", ...noise.slice(0, -1)),
    only("Off by one: the first sample is missing, the loop begins too late.", ...noise.slice(1)),
    {
      words: "One noise for each image: image i gets only sample i. Every image needs every sample.",
      maps: pixels.map((image, i) => derivative(shifted(image, noise[i]), i)),
    },
    slip(
      `Scale: every value is ${noise.length} times too large, and there are ${noise.length} samples. A mean is ` +
        `asked for, not a sum.`,
      total,
    ),
    slip(
      "Sign lost: you take the mean of absolute values. Derivatives that contradict each other should cancel.",
      (gradients, at) => gradients.reduce((sum, gradient) => sum + Math.abs(gradient[at]), 0) / gradients.length,
    ),
    slip(
      "Squares: you take the mean of the squared derivatives, which is another variant. The mean of the " +
        "derivatives is asked for.",
      (gradients, at) => gradients.reduce((sum, gradient) => sum + gradient[at] ** 2, 0) / gradients.length,
    ),
    slip("Sign lost: you give absolute values. Keep the signs; the absolute value is for drawing.", (gradients, at) =>
      Math.abs(mean(gradients, at)),
    ),
    slip(
      "Clipped: you bring the noisy pixels back into [0, 1]. That moves their mean; leave them as they are.",
      mean,
      (value) => Math.min(1, Math.max(0, value)),
    ),
    {
      words: "Noise added up: each copy gets the noise of the ones before as well. Begin each copy with the image.",
      maps: statistic(
        pixels,
        noise.map((_, s) => zero.map((_unused, at) => total(noise.slice(0, s + 1), at))),
        derivative,
        mean,
      ),
    },
    ...wrongScores(network, target, predicted).map(({ derivative: wrong, words }) => ({
      words,
      maps: statistic(pixels, noise, wrong, mean),
    })),
  ];
}
