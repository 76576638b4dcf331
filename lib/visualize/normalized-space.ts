import * as tf from "@tensorflow/tfjs";
import type { Own } from "../core/tensors";
import type { VisionModel } from "../model/vision-model";
import type { RecipeSpace } from "./recipe-step";

/** The space (image − mean) / std of a model's own normalization; mean 0 and std 1 where it tells none. */
export function normalizedSpace({ normalization, inputShape, bounds }: VisionModel, own: Own): RecipeSpace {
  const channels = inputShape[2];
  const each = (values: readonly number[]): number[] =>
    Array.from({ length: channels }, (_, c) => values[c % values.length]);
  const mean = each(normalization?.mean ?? [0]),
    std = each(normalization?.std ?? [1]);
  const image = (values: readonly number[]): tf.Tensor4D =>
    own(tf.tidy(() => tf.tile(tf.tensor4d([...values], [1, 1, 1, channels]), [1, inputShape[0], inputShape[1], 1])));
  const ends = mean.map((value, c) => bounds.map((edge) => (edge - value) / std[c]));
  return {
    mean: image(mean),
    std: image(std),
    low: image(ends.map((two) => Math.min(...two))),
    high: image(ends.map((two) => Math.max(...two))),
  };
}
