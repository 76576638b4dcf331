import * as tf from "@tensorflow/tfjs";
import { random, type Random } from "../core/random";

/**
 * Random numbers for inputs, the same for every one of them: what becomes of an input then depends neither on its place in
 * the batch nor on what the batch is cut into.
 */
export function noiseLike({ inputs }: { inputs: tf.Tensor }, seed: number, draw: (source: Random) => number): tf.Tensor {
  const [count, ...shape] = inputs.shape, source = random(seed, 0);
  const one = Float32Array.from({ length: inputs.size / count }, () => draw(source));
  return tf.tidy(() => tf.tile(tf.tensor(one, [1, ...shape]), [count, ...shape.map(() => 1)]));
}
