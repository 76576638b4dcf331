import * as tf from "@tensorflow/tfjs";
import { random, type Random } from "../util/random";

/** Random numbers for some of a batch's images, each image from a source of its own: the same whatever the batch is cut into. */
export function noiseLike({ images, first }: { images: tf.Tensor4D; first: number }, seed: number, draw: (source: Random) => number): tf.Tensor4D {
  const size = images.size / images.shape[0];
  const values = new Float32Array(images.size);
  for (let i = 0; i < images.shape[0]; i++) {
    const source = random(seed, first + i);
    for (let at = i * size; at < (i + 1) * size; at++) values[at] = draw(source);
  }
  return tf.tensor4d(values, images.shape);
}
