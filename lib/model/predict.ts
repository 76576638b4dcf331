import * as tf from "@tensorflow/tfjs";
import { badInput } from "../errors";
import type { Prediction, PredictOptions } from "./vision-model";

/** Most images in one pass of `predict`: bounds memory. */
const batchSize = 32;

/**
 * @param images [batch, height, width, channels], checked
 * @returns one array per image, most probable first; ties: the lowest index first
 */
export async function topPredictions(
  probabilities: (images: tf.Tensor4D) => tf.Tensor2D, images: tf.Tensor4D, classNames: readonly string[], options: PredictOptions = {},
): Promise<Prediction[][]> {
  const { top = Math.min(5, classNames.length) } = options;
  if (!Number.isInteger(top) || top < 1) badInput({ what: "top", got: top, allowed: "an integer ≥ 1" });
  const predictions: Prediction[][] = [];
  for (let start = 0; start < images.shape[0]; start += batchSize) {
    const size = Math.min(batchSize, images.shape[0] - start);
    const batch = tf.tidy(() => probabilities(tf.slice(images, start, size)));
    try {
      const values = await batch.data();
      const classes = batch.shape[1];
      for (let i = 0; i < size; i++) predictions.push(best(values.subarray(i * classes, (i + 1) * classes) as Float32Array, classNames, top));
    } finally {
      batch.dispose();
    }
  }
  return predictions;
}

function best(probabilities: Float32Array, classNames: readonly string[], top: number): Prediction[] {
  const order = Array.from(probabilities, (_, index) => index).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  return order.slice(0, top).map((index) => ({ index, name: classNames[index], probability: probabilities[index] }));
}
