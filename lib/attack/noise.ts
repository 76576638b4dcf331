import * as tf from "@tensorflow/tfjs";
import { random, type Random } from "../util/random";

/**
 * Random numbers for images, the same for every one of them: what becomes of an image then depends neither on its place in
 * the batch nor on what the batch is cut into.
 */
export function noiseLike({ images }: { images: tf.Tensor4D }, seed: number, draw: (source: Random) => number): tf.Tensor4D {
  const [count, ...shape] = images.shape, source = random(seed, 0);
  const one = Float32Array.from({ length: images.size / count }, () => draw(source));
  return tf.tidy(() => tf.tile(tf.tensor4d(one, [1, ...shape]), [count, 1, 1, 1]));
}
