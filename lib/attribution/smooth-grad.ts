import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkInteger, checkModel, checkNumber, checkOneOf } from "./check-options";
import { explain, type Block } from "./explain";
import { noiseOf } from "./noise";
import { targetGradient } from "./target-logit";

/** What becomes of the gradients g₁ … gₙ: `smoothgrad` their mean; `squared` the mean of g²; `vargrad` the mean of g² − (mean of g)². */
export type SmoothGradVariant = "smoothgrad" | "squared" | "vargrad";
export const smoothGradVariants: readonly SmoothGradVariant[] = ["smoothgrad", "squared", "vargrad"];

export interface SmoothGradOptions extends AttributionOptions {
  /** Noisy copies of each image. Integer from 1 to 10,000. Default: 5. */
  samples?: number;
  /** Standard deviation of the noise, as a fraction of the range of the model's bounds. Above 0, at most 10. Default: 0.15. */
  sigma?: number;
  /** The same seed gives the same noise. Integer. Default: 0. */
  seed?: number;
  /** Default: "smoothgrad". */
  variant?: SmoothGradVariant;
}

/**
 * SmoothGrad: the mean gradient of the target's logit over noisy copies of the image (Smilkov et al. 2017, "SmoothGrad:
 * removing noise by adding noise", arXiv:1706.03825), or another statistic of the same gradients: their squares' mean
 * (Hooker et al. 2019, arXiv:1806.10758), their variance (Adebayo et al. 2018, arXiv:1810.03307). Noisy pixels may leave
 * the bounds: clipping would move their mean.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], in logits per unit of pixel value; that squared, and not negative but
 *   for rounding, for `squared` and `vargrad`
 * @throws BadInputError, InterruptedError
 */
export async function smoothGrad(model: VisionModel, images: ImageInput, options: SmoothGradOptions = {}): Promise<Attribution<SmoothGradOptions>> {
  checkModel(model);
  const variant = checkOneOf("variant", options.variant ?? "smoothgrad", smoothGradVariants);
  const samples = checkInteger("samples", options.samples ?? 5, 1, 10_000);
  const sigma = checkNumber("sigma", options.sigma ?? 0.15, { above: 0, most: 10 });
  const seed = checkInteger("seed", options.seed ?? 0, -(2 ** 31), 2 ** 31 - 1);
  const { inputShape, bounds: [low, high] } = model;
  const size = inputShape[0] * inputShape[1] * inputShape[2];
  return explain(model, images, {
    method: "smoothgrad",
    form: `smoothgrad ${variant}`,
    options: { ...options, samples, sigma, seed, variant },
    passes: samples,
    passInputs: (run) => [tf.tensor2d(noiseOf(run, size, sigma * (high - low), seed), [run.count, size])],
    step: (block, [noise]) => gradientSums(model, block, noise as tf.Tensor2D, variant),
    finish: (sum) => ({ values: statistic(tf.div<tf.Tensor4D>(sum, samples), variant) }),
  });
}

/** Σ over a run of noisy copies of g, of g², or of both one after the other in the channels. @param noise [run, pixels] */
function gradientSums(model: VisionModel, { images, oneHot }: Block, noise: tf.Tensor2D, variant: SmoothGradVariant): tf.Tensor4D {
  const [run] = noise.shape;
  const [block, ...image] = images.shape;
  const noisy = tf.add(tf.reshape(images, [1, block, -1]), tf.reshape(noise, [run, 1, -1]));
  const gradients = targetGradient(model, tf.reshape(noisy, [run * block, ...image] as [number, number, number, number]), tf.tile(oneHot, [run, 1]));
  const sum = (values: tf.Tensor): tf.Tensor4D => tf.reshape(tf.sum(tf.reshape(values, [run, -1]), 0), images.shape);
  switch (variant) {
    case "smoothgrad": return sum(gradients);
    case "squared": return sum(tf.square(gradients));
    case "vargrad": return tf.concat([sum(gradients), sum(tf.square(gradients))], 3);
  }
}

function statistic(mean: tf.Tensor4D, variant: SmoothGradVariant): tf.Tensor4D {
  if (variant !== "vargrad") return tf.clone(mean);
  const [ofGradients, ofSquares] = tf.split(mean, 2, 3) as tf.Tensor4D[];
  return tf.sub(ofSquares, tf.square(ofGradients));
}
