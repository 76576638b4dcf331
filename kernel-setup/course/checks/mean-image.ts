import * as tf from "@tensorflow/tfjs";
import { ready } from "vitrine";
import { begin, callStudent, failed, passed, type Loosely } from "./call-student";
import { tensorOf } from "./maps";

/**
 * What the student writes: the mean of a batch of images, pixel by pixel and channel by channel.
 * @param images [batch, height, width, channels]
 * @returns [1, height, width, channels]
 */
export type MeanImageFunction = (images: tf.Tensor4D) => tf.Tensor | Promise<tf.Tensor>;

const shape = [2, 1, 3];
const first = [1, 2, 3, 4, 5, 9],
  second = [5, 6, 7, 12, 1, 2];
const pairs = (make: (a: number, b: number) => number): string => first.map((a, i) => make(a, second[i])).join();

/** What usual slips give for the two images. */
const slips: readonly (readonly [values: string, words: string])[] = [
  [pairs((a, b) => a + b), "Scale: this is the sum. The mean is the sum divided by the number of images."],
  [pairs((a) => a), "Only the first: this is the first image. All images count."],
  [pairs((_, b) => b), "Only the last: this is the last image. All images count."],
  [pairs(Math.max), "Largest: this is the larger of the two values of each pixel. The mean is asked for."],
  [pairs(Math.min), "Smallest: this is the smaller of the two values of each pixel. The mean is asked for."],
  [pairs((a, b) => (a + b) / 4), "Scale: half of what it should be. Divide once, by the number of images."],
];

/**
 * Says in words whether a mean image is right, and if not, what is wrong.
 * @throws CheckFailed with the words
 */
export async function checkMeanImage(yours: Loosely<MeanImageFunction>): Promise<void> {
  await ready();
  const tried = { shape };
  begin(tried);
  const ask = async (images: tf.Tensor4D): Promise<tf.Tensor> => {
    const result = await callStudent("Task 1", () => yours(images), { tried });
    if (images.isDisposed) failed("Your function disposes of the images that it was given: whoever called needs them.");
    return tensorOf(result);
  };
  const result = await ask(tf.tensor4d([...first, ...second], [2, 2, 1, 3]));
  shapeMistake(result.shape);
  passed("Shape: a batch of one image.");
  const values = Array.from(await result.data());
  if (!values.every(Number.isFinite)) failed("Your result has values that are not numbers (NaN or infinite).");
  const slip = slips.find(([known]) => known === values.join());
  if (slip) failed(slip[1]);
  const by = (first[0] + second[0]) / values[0];
  if (by > 2 && values.every((value, i) => Math.abs(value * by - first[i] - second[i]) < 1e-4 * by * value))
    failed(
      `Scale: this is the sum divided by ${Number(by.toPrecision(4))}, and the batch has 2 images here. How many ` +
        `there are says images.shape[0].`,
    );
  if (values.join() !== pairs((a, b) => (a + b) / 2))
    failed(
      `The values are not right. The first pixel and colour is ${first[0]} in one image and ${second[0]} in the ` +
        `other, so ${(first[0] + second[0]) / 2} is expected; yours is ${Number(values[0].toPrecision(4))}.`,
    );
  passed("Values: each pixel and each colour has its own mean.");
  // The mean of 0, 1, …, 200, each of them a batch's image of one pixel.
  const many = await ask(tf.range(0, 201).reshape([201, 1, 1, 1]) as tf.Tensor4D);
  if (Math.abs((await many.data())[0] - 100) > 1e-3)
    failed(
      "Number: two images are averaged rightly, 201 are not. All that the batch has are to count: images.shape[0] " +
        "says how many.",
    );
  passed("Number: of 201 images all of them count.");
}

/** Fails in words unless it is a batch of one image. */
function shapeMistake(got: readonly number[]): void {
  const is = (...wanted: number[]): boolean => got.join() === wanted.join();
  if (is(1, ...shape)) return;
  const [height, width, channels] = shape;
  if (is(...shape))
    failed(
      `Shape: [${got.join(", ")}] is an image; a batch of one image has the shape [1, ${shape.join(", ")}]. Let the ` +
        `axis stay (true as a third argument).`,
    );
  if (is() || is(1, 1, 1, 1))
    failed("This is the mean of all values. Only the images are to be averaged: each pixel keeps its own mean.");
  if (is(2, height, width, channels))
    failed("Shape: there are still two images. Take the mean over axis 0, which counts them.");
  if (is(2) || is(2, 1, 1, 1))
    failed("This is one number for each image, its brightness. Average over the images (axis 0), not over the pixels.");
  if (is(1, height, width, 1) || is(height, width))
    failed("The colours were averaged, too. Each of them has its own mean: only axis 0 is to go.");
  failed(
    `Shape: [${got.join(", ")}] for images of shape [2, ${shape.join(", ")}]; [1, ${shape.join(", ")}] is asked for. ` +
      `Which axis counts the images?`,
  );
}
