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
  return (images) => tf.tidy(() => tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std])) as tf.Tensor4D);
}

export const normalizationOf = (preprocess: Preprocess | undefined): Normalization | undefined => (typeof preprocess === "object" ? preprocess : undefined);
