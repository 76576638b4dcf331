import * as tf from "@tensorflow/tfjs";
import type { Own } from "../attribution/tensor-scope";
import type { VisionModel } from "../model/vision-model";
import type { RecipeSpace } from "./recipe-step";

/** The space (image − mean) / std of a model's own normalization; mean 0 and std 1 where it tells none. */
export function normalizedSpace({ normalization, inputShape, bounds }: VisionModel, own: Own): RecipeSpace {
  const channels = inputShape[2];
  const each = (values: readonly number[]): number[] => Array.from({ length: channels }, (_, c) => values[c % values.length]);
  const mean = each(normalization?.mean ?? [0]), std = each(normalization?.std ?? [1]);
  const at = (edge: number): tf.Tensor1D => own(tf.tensor1d(mean.map((value, c) => (edge - value) / std[c])));
  const ends = bounds.map(at);
  return { mean: own(tf.tensor1d(mean)), std: own(tf.tensor1d(std)), low: own(tf.minimum(ends[0], ends[1])), high: own(tf.maximum(ends[0], ends[1])) };
}
