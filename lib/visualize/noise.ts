import * as tf from "@tensorflow/tfjs";
import { random } from "../core/random";

/** Standard normal; no image's depends on how many there are. @returns [count, …shape] */
export function noise(count: number, shape: readonly [number, number, number], seed: number): tf.Tensor4D {
  const size = shape.reduce((a, b) => a * b), values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const chance = random(seed, i);
    for (let at = i * size; at < (i + 1) * size; at++) values[at] = chance.normal();
  }
  return tf.tensor4d(values, [count, ...shape]);
}
