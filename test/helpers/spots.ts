import * as tf from "@tensorflow/tfjs";
import type { LabelledPixels } from "../../lib/training/recording/training-data";
import { random } from "../../lib/core/random";

/** Pictures of a bright spot left or right, in noise: learnable, and not by the bias alone. */
export function spots(count: number, seed: number): LabelledPixels {
  const chance = random(seed),
    pixels = new Float32Array(count * 36),
    labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = chance.integer(2);
    for (let j = 0; j < 36; j++) pixels[i * 36 + j] = 0.3 * chance.uniform();
    pixels[i * 36 + 6 * chance.integer(6) + 3 * labels[i] + chance.integer(3)] = 1;
  }
  return { pixels, labels, shape: [6, 6, 1] };
}

/** A small network for them, with dropout; always the same weights. */
export function spotNetwork(): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 1] });
  let x = tf.layers
    .conv2d({
      name: "conv",
      filters: 4,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: tf.initializers.heNormal({ seed: 5 }),
    })
    .apply(input);
  x = tf.layers.dropout({ rate: 0.2 }).apply(tf.layers.flatten().apply(x));
  x = tf.layers
    .dense({ name: "logits", units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 6 }) })
    .apply(x);
  return tf.model({ inputs: input, outputs: tf.layers.softmax().apply(x) as tf.SymbolicTensor });
}

export const weightsOf = (model: tf.LayersModel): number[] =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
