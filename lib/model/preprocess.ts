import * as tf from "@tensorflow/tfjs";
import { badInput } from "../errors";

/** (image − mean) / std, per channel, for images in [0, 1]. */
export interface Normalization {
  /** One per channel (or one for all), in units of the image's bounds. */
  mean: readonly number[];
  /** One per channel (or one for all), in units of the image's bounds; none 0. */
  std: readonly number[];
}

/**
 * What a network wants done to a picture before its first layer. A function must be pure and differentiable:
 * [batch, height, width, channels] in bounds → [batch, height, width, channels].
 */
export type Preprocess = Normalization | ((images: tf.Tensor4D) => tf.Tensor4D);

/** @throws BadInputError if mean or std do not fit the channels */
export function preprocessor(preprocess: Preprocess | undefined, channels: number): (images: tf.Tensor4D) => tf.Tensor4D {
  if (!preprocess) return (images) => images;
  if (typeof preprocess === "function") return preprocess;
  const { mean, std } = preprocess;
  for (const [what, values] of [["preprocess.mean", mean], ["preprocess.std", std]] as const) {
    const fits = Array.isArray(values) && (values.length === channels || values.length === 1) && values.every(Number.isFinite);
    if (!fits) badInput({ what, got: values, allowed: `${channels} finite numbers, one per channel` });
  }
  if (std.includes(0)) badInput({ what: "preprocess.std", got: std, allowed: "numbers other than 0" });
  return (images) => tf.tidy(() => byChannel(byChannel(images, tf.sub, mean), tf.div, std));
}

/**
 * images ∘ values, one for each channel (or one for all). Row by row: native backends take several times as long to spread three values over
 * pixels as a row over rows. The result is the same.
 * @param images [batch, height, width, channels]
 */
export function byChannel(images: tf.Tensor4D, operation: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, values: readonly number[]): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const row = tf.tensor1d(Float32Array.from({ length: width * channels }, (_, i) => values[i % values.length]));
  return tf.reshape(operation(tf.reshape(images, [batch * height, width * channels]), row), images.shape);
}

export const normalizationOf = (preprocess: Preprocess | undefined): Normalization | undefined => (typeof preprocess === "object" ? preprocess : undefined);
