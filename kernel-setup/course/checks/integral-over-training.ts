import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { randomColours } from "./pictures";
import { rightIntegral, trainingMistakes } from "./integral-over-training-mistakes";
import { diagnose, difference, mapsOf } from "./maps";
import { askedClasses, largest } from "./scores";
import { smallNetwork, type SmallNetwork } from "./small-network";

/**
 * What the student writes: the derivative of each image's target logit with respect to its pixels, summed over the
 * moments of a training.
 * @param moments the network at each moment, one after the other: while training it is one network whose weights have
 * moved on
 * @param images [batch, height, width, channels] in [0, 1]
 * @param target one class index per image
 * @returns in the shape of `images`
 */
export type IntegralOverTrainingFunction = (
  moments: AsyncIterable<VisionModel> | Iterable<VisionModel>,
  images: tf.Tensor4D,
  target: number[],
) => tf.Tensor | Promise<tf.Tensor>;

/**
 * Says in words whether a sum over training is right, and if not, what is wrong: compares it on pictures of random
 * colours and a small network that changes, with the derivatives worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkIntegralOverTraining(yours: Loosely<IntegralOverTrainingFunction>): Promise<void> {
  const networks = [21, 22, 23, 24].map((seed) => smallNetwork(seed, [10, 12, 3]));
  const { images, pixels } = await randomColours(2, 12);
  begin(networks[0].tried);
  const one = tf.tidy(() => images.slice([1], [1]) as tf.Tensor4D);
  try {
    const target = askedClasses(
      pixels.map((image) => largest(networks[3].logits(image))),
      networks[0].model.classNames.length,
    );
    const training = new Training(networks);
    const { result, left } = await countingTensors(() =>
      callStudent("Task 2", () => yours(training.moments(), images, [...target]), networks[0]),
    );
    if (images.isDisposed)
      failed("Your function disposes of the images that it was given. Whoever called still needs them.");
    const got = await mapsOf(result, images.shape);
    passed(`Shape: one map for each image, [${images.shape.join(", ")}].`);
    if (training.seen === 0)
      failed(
        "No training: your function asks `moments` for nothing. Go through it with `for await (const model of " +
          "moments)`.",
      );
    const right = rightIntegral(networks, pixels, target);
    const words = diagnose(got, right, () => trainingMistakes(networks, pixels, target));
    if (words) failed(words);
    passed(
      `Sum: every moment counts once, at its time; the largest difference from the sum worked out by hand is ` +
        `${difference(got, right).toExponential(0)} of the largest value.`,
    );
    passed("Score and class: the logit (not the probability) of the class asked for, one class for each image.");
    await checkAlone(yours, networks.slice(1, 3), one, [pixels[1]], [target[0]]);
    passed("Another training: two moments, and an image alone, give what they should.");
    if (left > 0)
      note(
        `Your function leaves ${left} tensors in memory at each call. Take each sum in tf.tidy(() => …), and ` +
          `dispose of the one before.`,
      );
  } finally {
    tf.dispose([images, one]);
    networks.forEach((network) => network.dispose());
  }
}

async function checkAlone(
  yours: Loosely<IntegralOverTrainingFunction>,
  networks: readonly SmallNetwork[],
  image: tf.Tensor4D,
  pixels: ArrayLike<number>[],
  target: number[],
): Promise<void> {
  const got = await mapsOf(
    await callStudent("Task 2", () => yours(new Training(networks).moments(), image, [...target]), networks[0]),
    image.shape,
  );
  const words = diagnose(got, rightIntegral(networks, pixels, target), () =>
    trainingMistakes(networks, pixels, target),
  );
  if (words)
    failed(
      `With two images and four moments your result was right; with one image and two moments it is not. ${words}`,
    );
}

/**
 * One network that becomes another from moment to moment, as in training, where only the last one is there in the end.
 */
class Training {
  seen = 0;
  constructor(private readonly networks: readonly SmallNetwork[]) {}

  async *moments(): AsyncGenerator<VisionModel> {
    const current = (): VisionModel => this.networks[Math.max(0, this.seen - 1)].model;
    const model = new Proxy(current(), {
      get: (_, key) => {
        const now = current(),
          value: unknown = Reflect.get(now, key);
        return typeof value === "function" ? value.bind(now) : value;
      },
    });
    while (this.seen < this.networks.length) {
      // A minibatch takes its time, too.
      await new Promise((resolve) => setImmediate(resolve));
      this.seen++;
      yield model;
    }
  }
}
