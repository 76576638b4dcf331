import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import type { Baseline } from "./baseline";
import { explain, type Block, type Finished } from "./explain";
import { quadratureRule, type Quadrature } from "./quadrature";
import { targetGradient, targetLogit } from "./target-logit";

export interface IntegratedGradientsOptions extends AttributionOptions {
  /** Where the path to the image begins: a pixel value, an image, or one per image, in the model's bounds. Default: 0. */
  baseline?: Baseline;
  /** Points on the path at which the gradient is taken. Integer ≥ 1 (trapezoids: ≥ 2). Default: 50. */
  steps?: number;
  /** How the integral becomes a sum over those points. Default: "gausslegendre". */
  quadrature?: Quadrature;
}

/**
 * Integrated gradients: (image − baseline) × the mean gradient of the target's logit along the straight path between
 * them (Sundararajan, Taly & Yan 2017, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365).
 * The values of an image add up to logit(image) − logit(baseline), but for `convergenceDelta`.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels] and convergenceDelta [batch], in logits
 * @throws BadInputError, InterruptedError
 */
export async function integratedGradients(
  model: VisionModel, images: ImageInput, options: IntegratedGradientsOptions = {},
): Promise<Attribution<IntegratedGradientsOptions>> {
  const { baseline = 0, steps = 50, quadrature = "gausslegendre" } = options;
  const { nodes, weights } = quadratureRule(quadrature, steps);
  return explain(model, images, {
    method: "integrated-gradients",
    form: "integrated-gradients",
    options: { ...options, baseline, steps, quadrature },
    passes: steps,
    baseline,
    passInputs: ({ first, count }) => [tf.tensor1d(nodes.slice(first, first + count)), tf.tensor1d(weights.slice(first, first + count))],
    step: (block, [nodes, weights]) => weightedGradients(model, block, nodes as tf.Tensor1D, weights as tf.Tensor1D),
    finish: (sum, block) => finished(model, sum, block),
  });
}

/** Σ weight × gradient at baseline + node × (image − baseline). @param nodes,weights [run] */
function weightedGradients(model: VisionModel, { images, baseline, oneHot }: Block, nodes: tf.Tensor1D, weights: tf.Tensor1D): tf.Tensor4D {
  const [run] = nodes.shape;
  const [block, ...image] = images.shape;
  const from = tf.reshape(baseline, [1, -1]);
  const way = tf.sub(tf.reshape(images, [1, -1]), from);
  const path = tf.reshape<tf.Rank.R4>(tf.add(from, tf.mul(tf.reshape(nodes, [run, 1]), way)), [run * block, ...image] as [number, number, number, number]);
  const gradients = targetGradient(model, path, tf.tile(oneHot, [run, 1]));
  return tf.reshape(tf.matMul(tf.reshape(weights, [1, run]), tf.reshape(gradients, [run, -1]) as tf.Tensor2D), images.shape);
}

function finished(model: VisionModel, meanGradient: tf.Tensor4D, { images, baseline, oneHot }: Block): Finished {
  const values = tf.mul<tf.Tensor4D>(tf.sub(images, baseline), meanGradient);
  const change = tf.sub<tf.Tensor1D>(targetLogit(model, images, oneHot), targetLogit(model, baseline, oneHot));
  return { values, convergenceDelta: tf.sub<tf.Tensor1D>(tf.sum(values, [1, 2, 3]), change) };
}
