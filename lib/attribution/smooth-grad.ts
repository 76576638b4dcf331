import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, integer, number, oneOf, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { badInput } from "../core/errors";
import { checkModel } from "../model/checks";
import { differentiated, explain, type Block } from "./explain";
import { noiseOf } from "../core/noise";
import { sizeOf } from "../core/chunks";

/**
 * What becomes of the gradients g₁ … gₙ: `smoothgrad` their mean; `squared` the mean of g²; `vargrad` the mean of g² −
 * (mean of g)².
 */
export type SmoothGradVariant = "smoothgrad" | "squared" | "vargrad";
export const smoothGradVariants: readonly SmoothGradVariant[] = ["smoothgrad", "squared", "vargrad"];

export interface SmoothGradOptions extends AttributionOptions {
  /** Noisy copies of each input. Integer from 1 to 10,000. Default: 5. */
  samples?: number;
  /**
   * Standard deviation of the noise, as a fraction of the range of the model's bounds. Number above 0 and at most 10.
   * Default: 0.15.
   */
  sigma?: number;
  /** The same seed gives the same noise. Integer from -2147483648 to 2147483647. Default: 0. */
  seed?: number;
  /** What becomes of the gradients: their mean, their squares' mean, their variance. Default: "smoothgrad". */
  variant?: SmoothGradVariant;
}

export const smoothGradOptions = {
  ...attributionOptions,
  samples: integer({ least: 1, most: 10_000, default: 5, help: "noisy copies of each input", traced: "input" }),
  sigma: number({
    above: 0,
    most: 10,
    default: 0.15,
    unit: "of the range of the model's bounds",
    help: "standard deviation of the noise",
    traced: "input",
  }),
  seed: integer({
    least: -(2 ** 31),
    most: 2 ** 31 - 1,
    default: 0,
    help: "the same seed gives the same noise",
    traced: "input",
  }),
  variant: oneOf(smoothGradVariants, {
    default: "smoothgrad",
    help: "what becomes of the gradients: their mean, their squares' mean, their variance",
  }),
} satisfies Schema<SmoothGradOptions>;

/**
 * SmoothGrad: the mean gradient of the target's logit (or another `score`) over noisy copies of the input (Smilkov et
 * al. 2017, "SmoothGrad: removing noise by adding noise", arXiv:1706.03825), or another statistic of the same
 * gradients: their squares' mean (Hooker et al. 2019, arXiv:1806.10758), their variance (Adebayo et al. 2018,
 * arXiv:1810.03307). Noisy values may leave the bounds: clipping would move their mean.
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs, in logits per unit of input; that squared, and not negative but
 *   for rounding, for `squared` and `vargrad`
 * @throws BadInputError, InterruptedError
 */
export async function smoothGrad<M extends Model>(
  model: M,
  inputs: Inputs,
  options: SmoothGradOptions = {},
): Promise<Attribution<SmoothGradOptions, Values<M>>> {
  checkModel(model);
  const checked = checkOptions(smoothGradOptions, options),
    { variant, samples, sigma, seed } = checked;
  const {
    inputShape,
    bounds: [low, high],
    name,
  } = differentiated(model);
  if (!Number.isFinite(high - low)) {
    badInput({
      what: `the bounds of ${name}`,
      got: [low, high],
      allowed: "finite ones: sigma is a fraction of their range",
      remedy: "Give bounds where the model is made: { bounds: [low, high] }.",
    });
  }
  const size = sizeOf(inputShape);
  return explain(model, inputs, {
    method: "smoothgrad",
    schema: smoothGradOptions,
    options: checked,
    passes: samples,
    passInputs: (run) => [tf.tensor2d(noiseOf(run, size, sigma * (high - low), seed), [run.count, size])],
    step: (block, [noise]) => gradientSums(block, noise as tf.Tensor2D, variant),
    finish: (sum) => ({ values: statistic(tf.div(sum, samples), variant) }),
  });
}

/**
 * Σ over a run of noisy copies of g, of g², or of both one after the other along the last axis. @param noise [run,
 * values]
 */
function gradientSums({ inputs, rows, gradient }: Block, noise: tf.Tensor2D, variant: SmoothGradVariant): tf.Tensor {
  const [run] = noise.shape;
  const [block, ...shape] = inputs.shape;
  const noisy = tf.add(tf.reshape(inputs, [1, block, -1]), tf.reshape(noise, [run, 1, -1]));
  const gradients = gradient(tf.reshape(noisy, [run * block, ...shape]), tf.tile(rows, [run, 1]));
  const sum = (values: tf.Tensor): tf.Tensor => tf.reshape(tf.sum(tf.reshape(values, [run, -1]), 0), inputs.shape);
  switch (variant) {
    case "smoothgrad":
      return sum(gradients);
    case "squared":
      return sum(tf.square(gradients));
    case "vargrad":
      return tf.concat([sum(gradients), sum(tf.square(gradients))], -1);
  }
}

function statistic(mean: tf.Tensor, variant: SmoothGradVariant): tf.Tensor {
  if (variant !== "vargrad") return tf.clone(mean);
  const [ofGradients, ofSquares] = tf.split(mean, 2, -1);
  return tf.sub(ofSquares, tf.square(ofGradients));
}
