import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { refuseNotFinite } from "./finite";
import { outputOf, probabilitiesOf } from "./outputs";
import type { Model, Prediction, PredictOptions } from "./vision-model";

/** Most inputs in one pass of `predict`: bounds memory. */
const batchSize = 32;

/**
 * @param inputs [batch, …], checked
 * @returns one array per input, most probable first; ties: the lowest index first. Of a linear output its numbers, in
 * their order
 */
export async function topPredictions(
  model: Model,
  inputs: tf.Tensor,
  options: PredictOptions = {},
): Promise<Prediction[][]> {
  const { classNames } = model,
    linear = outputOf(model) === "linear";
  const { top = linear ? classNames.length : Math.min(5, classNames.length) } = options;
  if (!Number.isInteger(top) || top < 1) badInput({ what: "top", got: top, allowed: "an integer ≥ 1" });
  const predictions: Prediction[][] = [];
  for (let start = 0; start < inputs.shape[0]; start += batchSize) {
    const size = Math.min(batchSize, inputs.shape[0] - start);
    const batch = tf.tidy(() => {
      const logits = model.logits(tf.slice(inputs, start, size));
      if (logits.rank > 2)
        badInput({
          what: `the output of ${model.name}`,
          got: logits.shape,
          allowed: "[batch, classes], for predict",
          remedy: "Take model.probabilities or model.logits, which have the places.",
        });
      return linear ? logits : probabilitiesOf(model, logits);
    });
    try {
      const values = (await batch.data()) as Float32Array,
        count = batch.shape[1]!;
      const odd = values.findIndex((value) => !Number.isFinite(value));
      if (odd >= 0) await refuse(model, inputs, start + Math.floor(odd / count));
      for (let i = 0; i < size; i++)
        predictions.push(named(values.subarray(i * count, (i + 1) * count), classNames, linear).slice(0, top));
    } finally {
      batch.dispose();
    }
  }
  return predictions;
}

function named(values: Float32Array, classNames: readonly string[], linear: boolean): Prediction[] {
  const each = Array.from(values, (value, index) => ({
    index,
    name: classNames[index],
    probability: linear ? NaN : value,
    value,
  }));
  return linear ? each : each.sort((a, b) => b.value - a.value || a.index - b.index);
}

async function refuse(model: Model, inputs: tf.Tensor, index: number): Promise<never> {
  const input = tf.slice(inputs, index, 1);
  return refuseNotFinite(model, input, `what is predicted for input ${index}`).finally(() => input.dispose());
}
