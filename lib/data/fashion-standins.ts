import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { latentSize } from "../model/architectures/garment-decoder";
import { readLatents } from "../training/fit-latents";
import { readLayersModel } from "../model/read-layers-model";
import { projectRoot } from "../util/project-root";
import { random } from "../util/random";
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
  const width = latentSize + fashionClassNames.length;
  const latent = new Float32Array(count * width);
  labels.forEach((label, i) => {
    // A little less than the class's own spread: typical garments rather than odd ones.
    const noise = Array.from({ length: latentSize }, () => 0.6 * chance.normal());
    const { mean, factor } = latents[label];
    mean.forEach((value, j) => { latent[i * width + j] = factor[j].reduce((sum, weight, k) => sum + weight * noise[k], value); });
    latent[i * width + latentSize + label] = 1;
  });
  const batch = 256, pieces: tf.Tensor4D[] = [];
  for (let start = 0; start < count; start += batch) {
    const rows = latent.subarray(start * width, Math.min(count, start + batch) * width);
    pieces.push(tf.tidy(() => {
      const drawn = decoder.predict(tf.tensor2d(rows, [rows.length / width, width])) as tf.Tensor4D;
      // The sigmoid never quite reaches 0, and backgrounds are 0.
      return tf.relu(drawn.sub(0.03)).div(0.97).minimum(1) as tf.Tensor4D;
    }));
  }
  const images = tf.tidy(() => tf.concat(pieces, 0));
  tf.dispose(pieces);
  decoder.dispose();
  return { images, labels, classNames: [...fashionClassNames], source: "stand-in", dispose: () => images.dispose() };
}
