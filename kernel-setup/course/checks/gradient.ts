import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "vitrine";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { firstGarments, pixelsOf } from "./pictures";
import { gradientMistakes } from "./gradient-mistakes";
import { diagnose, difference, mapsOf } from "./maps";
import { askedClasses, largest, targetLogit } from "./scores";
import { smallNetwork, type SmallNetwork } from "./small-network";

/**
 * What the student writes: the derivative of each image's target logit with respect to its pixels.
 * @param images [batch, 28, 28, 1] in [0, 1]
 * @param target one class index per image
 * @returns [batch, 28, 28, 1]
 */
export type GradientFunction = (
  model: VisionModel,
  images: tf.Tensor4D,
  target: number[],
) => tf.Tensor | Promise<tf.Tensor>;

/**
 * Says in words whether a gradient is right, and if not, what is wrong: compares it on garments and a small random
 * network with the derivative worked out by hand.
 * @throws CheckFailed with the words
 */
export async function checkGradient(yours: Loosely<GradientFunction>): Promise<void> {
  const network = smallNetwork(4);
  begin(network.tried);
  const { images, pixels } = await firstGarments(3);
  try {
    const target = askedClasses(
      pixels.map((image) => largest(network.logits(image))),
      network.model.classNames.length,
    );
    const { result, left } = await countingTensors(() =>
      callStudent("Task 1", () => yours(network.model, images, target), network),
    );
    const got = await mapsOf(result, images.shape);
    passed(`Shape: one map for each image, [${images.shape.join(", ")}].`);
    const right = pixels.map(targetLogit(network, target));
    const words = diagnose(got, right, () => gradientMistakes(network, pixels, target));
    if (words) failed(words);
    passed(
      `Sign and scale: equal to the derivative worked out by hand; the largest difference is ` +
        `${difference(got, right).toExponential(0)} of the largest value.`,
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
async function checkAlone(yours: Loosely<GradientFunction>, network: SmallNetwork, images: tf.Tensor4D): Promise<void> {
  const image = tf.tidy(() => images.slice([1], [1]).reverse(2) as tf.Tensor4D);
  try {
    const pixels = await pixelsOf(image);
    const target = [(largest(network.logits(pixels[0])) + 5) % network.model.classNames.length];
    const got = await mapsOf(
      await callStudent("Task 1", () => yours(network.model, image, target), network),
      image.shape,
    );
    const words = diagnose(got, pixels.map(targetLogit(network, target)), () =>
      gradientMistakes(network, pixels, target),
    );
    if (words) failed(`With three images your result was right; with another image, alone, it is not. ${words}`);
  } finally {
    image.dispose();
  }
}
