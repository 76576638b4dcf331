// Pictures for checks: garments and random colours to try a student's code on, and what it gave as numbers.
import * as tf from "@tensorflow/tfjs";
import { ready, loadFashionMnist } from "vitrine";
import { random } from "vitrine/dist/kit";
import { failed } from "./call-student";
import { tensorOf, type Maps, type Mistake } from "./maps";
import type { Pixels } from "./small-network";

/** Real pictures for a check, as a tensor for the student's code and as numbers for the reference. */
interface CheckImages {
  readonly images: tf.Tensor4D;
  readonly pixels: Pixels[];
  /** What they are, for people. */
  readonly kind: string;
}

/**
 * The first garments of the test set (stand-ins where the data set is not available). The caller disposes of `images`.
 */
export async function firstGarments(count: number): Promise<CheckImages> {
  await ready();
  const { images, source } = await loadFashionMnist({ split: "test", count });
  return {
    images,
    pixels: await pixelsOf(images),
    kind: source === "official" ? "garment of the test set" : "stand-in garment",
  };
}

/** Each image's pixels, row by row. */
export async function pixelsOf(images: tf.Tensor4D): Promise<Pixels[]> {
  const values = await images.data();
  const size = values.length / images.shape[0];
  return Array.from({ length: images.shape[0] }, (_, i) => values.slice(i * size, (i + 1) * size));
}

/** Far above what float32 loses in a picture, far below a mistake. */
const tolerance = 2e-4;

/**
 * The student's tensor as plain numbers, one list per picture; it is disposed of. Fails in words unless it is pictures
 * of that shape.
 */
export async function picturesOf(result: unknown, shape: readonly number[]): Promise<Maps> {
  const pictures = tensorOf(result);
  try {
    if (pictures.shape.join() !== shape.join())
      failed(
        `Shape: your result is [${pictures.shape.join(", ")}], but the images are [${shape.join(", ")}]. A ` +
          `changed image has the shape of the image.`,
      );
    const values = await pictures.data(),
      size = values.length / shape[0];
    return Array.from({ length: shape[0] }, (_, i) => Array.from(values.subarray(i * size, (i + 1) * size)));
  } finally {
    pictures.dispose();
  }
}

/**
 * @param before the images @param slips worked out only where `got` is wrong @returns nothing if `got` is right, else
 * words for the student
 */
export function diagnosePictures(
  got: Maps,
  right: Maps,
  before: readonly Pixels[],
  slips: () => readonly Mistake[],
): string | undefined {
  const values = got.flatMap((picture) => Array.from(picture));
  if (!values.every(Number.isFinite))
    return "Your images have values that are not numbers (NaN or infinite). Look for a division by 0.";
  if (apart(got, right) < tolerance) return undefined;
  if (apart(got, before) < 1e-7) return "Your images are the images as they were: nothing is added to them.";
  const slip = slips().find(({ maps }) => apart(got, maps) < tolerance);
  if (slip) return slip.words;
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  if (low < -1e-6 || high > 1 + 1e-6)
    return (
      `Range: your images have values from ${low.toFixed(3)} to ${high.toFixed(3)}. What you return must be an ` +
      `image: cut it to [0, 1].`
    );
  const good = got.flatMap((picture, i) => (apart([picture], [right[i]]) < tolerance ? [i + 1] : []));
  if (good.length > 0)
    return (
      `Batch: image ${good.join(" and ")} of ${got.length} is right, the others are not. Does every image get its ` +
      `own class and its own step?`
    );
  return (
    `The images are not those asked for: they differ by up to ${apart(got, right).toPrecision(2)} in a value. ` +
    "It is none of the usual slips (sign, score, norm, range): compare your code with the formula above, term by term."
  );
}

/** The largest difference of a value. */
export function apart(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  let most = 0;
  a.forEach((picture, i) => {
    for (let at = 0; at < picture.length; at++) most = Math.max(most, Math.abs(picture[at] - b[i][at]));
  });
  return most;
}

export const cut = (picture: ArrayLike<number>): number[] =>
  Array.from(picture, (value) => Math.min(1, Math.max(0, value)));

/** [height, width, channels] of the pictures below. */
export const colourShape = [10, 12, 3] as const;

/** Small pictures of random colours, the same for the same seed. The caller disposes of `images`. */
export async function randomColours(count: number, seed: number): Promise<CheckImages> {
  await ready();
  const { uniform } = random(seed, 3),
    [height, width, channels] = colourShape;
  const images = tf.tensor4d(Float32Array.from({ length: count * height * width * channels }, uniform), [
    count,
    height,
    width,
    channels,
  ]);
  return { images, pixels: await pixelsOf(images), kind: "picture of random colours" };
}
