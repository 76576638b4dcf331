import * as tf from "@tensorflow/tfjs";
import { badInput } from "../errors";

/** (input − mean) / std, per channel: along the input's last axis. */
export interface Normalization {
  /** One per channel (or one for all), in units of the input's bounds. */
  mean: readonly number[];
  /** One per channel (or one for all), in units of the input's bounds; none 0. */
  std: readonly number[];
}

/**
 * What a network wants done to its inputs before its first layer. A function must be pure and differentiable, and keep the
 * batch: [batch, …] in bounds → [batch, …]; images come as [batch, height, width, channels].
 */
export type Preprocess = Normalization | ((inputs: tf.Tensor4D) => tf.Tensor4D) | ((inputs: tf.Tensor) => tf.Tensor);

/** @throws BadInputError if mean or std do not fit the channels */
export function preprocessor(preprocess: Preprocess | undefined, channels: number): (inputs: tf.Tensor) => tf.Tensor {
  if (!preprocess) return (inputs) => inputs;
  if (typeof preprocess === "function") return preprocess as (inputs: tf.Tensor) => tf.Tensor;
  const { mean, std } = preprocess;
  for (const [what, values] of [["preprocess.mean", mean], ["preprocess.std", std]] as const) {
    const fits = Array.isArray(values) && (values.length === channels || values.length === 1) && values.every(Number.isFinite);
    if (!fits) badInput({ what, got: values, allowed: `${channels} finite numbers, one per channel` });
  }
  if (std.includes(0)) badInput({ what: "preprocess.std", got: std, allowed: "numbers other than 0" });
  return (inputs) => tf.tidy(() => byChannel(byChannel(inputs, tf.sub, mean), tf.div, std));
}

/**
 * inputs ∘ values, one for each channel (or one for all). Row by row: native backends take several times as long to spread three values over
 * pixels as a row over rows. The result is the same.
 * @param inputs [batch, …, channels]
 */
export function byChannel<T extends tf.Tensor>(inputs: T, operation: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, values: readonly number[]): T {
  const last = inputs.shape.slice(Math.max(1, inputs.rank - 2)).reduce((product, side) => product * side, 1);
  const row = tf.tensor1d(Float32Array.from({ length: last }, (_, i) => values[i % values.length]));
  return tf.reshape(operation(tf.reshape(inputs, [-1, last]), row), inputs.shape) as T;
}

export const normalizationOf = (preprocess: Preprocess | undefined): Normalization | undefined => (typeof preprocess === "object" ? preprocess : undefined);
