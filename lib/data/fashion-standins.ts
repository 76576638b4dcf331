import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { readLatents } from "./latents";
import { readLayersModel } from "./read-layers-model";
import { projectRoot } from "../core/process";
import { random } from "../core/random";
import { fashionClassNames } from "./fashion-class-names";
import type { LabelledImages } from "./labelled-images";

export interface StandInOptions {
  /** How many garments. Integer ≥ 1. Default: 100. */
  count?: number;
  /** The same seed draws the same garments. Integer. Default: 1. */
  seed?: number;
  /** Class indices drawn in turn. Default: 0 … 9. */
  classes?: readonly number[];
}

/**
 * Garments that nobody photographed: drawn by a small generator trained on Fashion-MNIST, for machines that cannot
 * have the data set. They are to be labelled as stand-ins wherever they are shown, and never count in an accuracy.
 * @returns images [count, 28, 28, 1] in [0, 1], classes in turn
 */
export async function drawStandIns(options: StandInOptions = {}): Promise<LabelledImages> {
  const { count = 100, seed = 1, classes = fashionClassNames.map((_, index) => index) } = options;
  const folder = path.join(projectRoot(), "models", "fashion-standins");
  const [decoder, latents] = await Promise.all([readLayersModel(folder), readLatents(folder)]);
  const chance = random(seed, 17);
  const labels = Array.from({ length: count }, (_, i) => classes[i % classes.length]);
  const latentSize = latents[0].mean.length,
    width = latentSize + fashionClassNames.length;
  // Always whole blocks: how many rows are multiplied at once decides on the last bits, and so would `count`.
  const block = 64,
    blocks = Math.ceil(count / block);
  const latent = new Float32Array(blocks * block * width);
  labels.forEach((label, i) => {
    // A little less than the class's own spread: typical garments rather than odd ones.
    const noise = Array.from({ length: latentSize }, () => 0.6 * chance.normal());
    const { mean, factor } = latents[label];
    mean.forEach((value, j) => {
      latent[i * width + j] = factor[j].reduce((sum, weight, k) => sum + weight * noise[k], value);
    });
    latent[i * width + latentSize + label] = 1;
  });
  const pieces = Array.from({ length: blocks }, (_, i) =>
    tf.tidy(() => {
      const rows = tf.tensor2d(latent.subarray(i * block * width, (i + 1) * block * width), [block, width]);
      const drawn = decoder.predict(rows, { batchSize: block }) as tf.Tensor4D;
      // The sigmoid never quite reaches 0, and backgrounds are 0.
      return tf.relu(drawn.sub(0.03)).div(0.97).minimum(1) as tf.Tensor4D;
    }),
  );
  const images = tf.tidy(() => tf.slice(tf.concat(pieces, 0), 0, count));
  tf.dispose(pieces);
  decoder.dispose();
  return { images, labels, classNames: [...fashionClassNames], source: "stand-in", dispose: () => images.dispose() };
}
