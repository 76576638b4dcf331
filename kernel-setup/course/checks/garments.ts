import * as tf from "@tensorflow/tfjs";
import { ready, loadFashionMnist } from "vitrine";
import type { Pixels } from "./small-network";

/** Real pictures for a check, as a tensor for the student's code and as numbers for the reference. */
export interface CheckImages {
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
