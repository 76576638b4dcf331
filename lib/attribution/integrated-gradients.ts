import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, number, orElse, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import type { Baseline } from "./baseline";
import { explain, type Block, type Finished } from "./explain";
import { quadratureOptions, quadratureRule, type Quadrature } from "./quadrature";

export interface IntegratedGradientsOptions extends AttributionOptions {
  /**
   * Where the path to the input begins: a value, an input, or one per input, in the model's bounds (of tokens: a
   * vector's). Default: 0.
   */
  baseline?: Baseline;
  /** Points on the path at which the gradient is taken. Integer from 1 (trapezoids: 2) to 10,000. Default: 50. */
  steps?: number;
  /** How the integral becomes a sum over those points. Default: "gausslegendre". */
  quadrature?: Quadrature;
}

export const integratedGradientsOptions = {
  ...attributionOptions,
  baseline: number({
    or: orElse<Inputs>("an input, or one for each"),
    default: 0,
    unit: "in the model's bounds",
    help: "where the path to the input begins",
    traced: "input",
  }),
  ...quadratureOptions,
} satisfies Schema<IntegratedGradientsOptions>;

/**
 * Integrated gradients: (input − baseline) × the mean gradient of the target's logit (or another `score`) along the
 * straight path between
 * them (Sundararajan, Taly & Yan 2017, "Axiomatic Attribution for Deep Networks", arXiv:1703.01365).
 * The values of an input add up to logit(input) − logit(baseline), but for `convergenceDelta`.
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs and convergenceDelta [batch], in logits
 * @throws BadInputError, InterruptedError
 */
export async function integratedGradients<M extends Model>(
  model: M,
  inputs: Inputs,
  options: IntegratedGradientsOptions = {},
): Promise<Attribution<IntegratedGradientsOptions, Values<M>>> {
  const checked = checkOptions(integratedGradientsOptions, options),
    { baseline, steps, quadrature } = checked;
  const { nodes, weights } = quadratureRule(quadrature, steps);
  return explain(model, inputs, {
    method: "integrated-gradients",
    schema: integratedGradientsOptions,
    options: checked,
    passes: steps,
    baseline,
    passInputs: ({ first, count }) => [
      tf.tensor1d(nodes.slice(first, first + count)),
      tf.tensor1d(weights.slice(first, first + count)),
    ],
    step: (block, [nodes, weights]) => weightedGradients(block, nodes as tf.Tensor1D, weights as tf.Tensor1D),
    finish: (sum, block) => finished(sum, block),
  });
}

/** Σ weight × gradient at baseline + node × (input − baseline). @param nodes,weights [run] */
function weightedGradients(
  { inputs, baseline, rows, gradient }: Block,
  nodes: tf.Tensor1D,
  weights: tf.Tensor1D,
): tf.Tensor {
  const [run] = nodes.shape;
  const [block, ...shape] = inputs.shape;
  const from = tf.reshape(baseline, [1, -1]);
  const way = tf.sub(tf.reshape(inputs, [1, -1]), from);
  const path = tf.reshape(tf.add(from, tf.mul(tf.reshape(nodes, [run, 1]), way)), [run * block, ...shape]);
  const gradients = gradient(path, tf.tile(rows, [run, 1]));
  return tf.reshape(
    tf.matMul(tf.reshape(weights, [1, run]), tf.reshape(gradients, [run, -1]) as tf.Tensor2D),
    inputs.shape,
  );
}

function finished(meanGradient: tf.Tensor, { inputs, baseline, rows, value }: Block): Finished {
  const values = tf.mul(tf.sub(inputs, baseline), meanGradient);
  const change = tf.sub(value(inputs, rows), value(baseline, rows));
  const sums = tf.sum(tf.reshape(values, [inputs.shape[0], -1]), 1);
  return { values, convergenceDelta: tf.sub(sums, change) as tf.Tensor1D };
}
