import * as tf from "@tensorflow/tfjs";
import { checkpoint } from "../runtime/checkpoint";
import type { LabelledPixels } from "./labelled-pixels";

export interface Evaluation {
  /** Share of pictures whose most probable class is the label, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** How often a picture of the row's class was taken for the column's. */
  readonly confusion: readonly (readonly number[])[];
}

/** Accuracy, loss and confusion of a classifier that ends in a softmax. */
export async function evaluate(
  model: tf.LayersModel,
  data: LabelledPixels<readonly number[]>,
  options: { batchSize?: number; signal?: AbortSignal } = {},
): Promise<Evaluation> {
  const { batchSize = 500, signal } = options;
  const classes = (model.outputs[0].shape as number[])[1];
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const size = data.shape.reduce((product, side) => product * side, 1);
  let loss = 0,
    right = 0;
  for (let start = 0; start < data.labels.length; start += batchSize) {
    await checkpoint(signal);
    const count = Math.min(batchSize, data.labels.length - start);
    const scores = tf.tidy(
      () =>
        model.apply(tf.tensor(data.pixels.subarray(start * size, (start + count) * size), [count, ...data.shape]), {
          training: false,
        }) as tf.Tensor,
    );
    const values = await scores.data();
    scores.dispose();
    for (let i = 0; i < count; i++) {
      const row = values.subarray(i * classes, (i + 1) * classes),
        label = data.labels[start + i];
      const guess = row.indexOf(Math.max(...row));
      confusion[label][guess]++;
      if (guess === label) right++;
      loss -= Math.log(Math.max(row[label], 1e-12));
    }
  }
  return { accuracy: right / data.labels.length, loss: loss / data.labels.length, confusion };
}
