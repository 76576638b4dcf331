import * as tf from "@tensorflow/tfjs";
import { ready } from "vitrine";
import { random } from "vitrine/dist/kit";
import { pixelsOf, type CheckImages } from "./garments";

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
