// Integrated gradients, and the sums by which the integral is taken.

import { badInput } from "../core/errors";
import { checkOptions, integer, oneOf, number, orElse, type Schema } from "../core/options";
import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { type Baseline, explain, type Block, type Finished } from "./explain";

/**
 * How an integral from 0 to 1 becomes a weighted sum, under Captum's names:
 * - `gausslegendre`: Gauss–Legendre, exact for polynomials up to degree 2·steps − 1;
 * - `riemann_left`, `riemann_right`, `riemann_middle`: equal weights at that point of each of the equal parts;
 * - `riemann_trapezoid`: both ends included, with half weight. As in Captum its weights add up to 1 − 1/steps, so that
 *   the result is too small by 1/steps;
 * - `trapezoid` (not in Captum): the trapezoidal rule, whose weights add up to 1.
 */
export type Quadrature =
  "gausslegendre" | "riemann_left" | "riemann_right" | "riemann_middle" | "riemann_trapezoid" | "trapezoid";

export const quadratures: readonly Quadrature[] = [
  "gausslegendre",
  "riemann_left",
  "riemann_right",
  "riemann_middle",
  "riemann_trapezoid",
  "trapezoid",
];

interface QuadratureRule {
  /** Where to evaluate, 0 to 1, ascending. */
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

const quadratureOptions = {
  steps: integer({
    least: 1,
    most: 10_000, // More would fill the memory with nodes long before they made a difference.
    default: 50,
    help: "points on the path at which the gradient is taken",
    traced: "input",
  }),
  quadrature: oneOf(quadratures, {
    default: "gausslegendre",
    help: "how the integral becomes a sum over those points",
    traced: "input",
  }),
};

/** @throws BadInputError */
export function quadratureRule(name: Quadrature, steps: number): QuadratureRule {
  checkOptions(quadratureOptions, { steps, quadrature: name });
  const equal = new Array<number>(steps).fill(1 / steps);
  switch (name) {
    case "gausslegendre":
      return gaussLegendre(steps);
    case "riemann_left":
      return { nodes: evenly(0, 1 - 1 / steps, steps), weights: equal };
    case "riemann_right":
      return { nodes: evenly(1 / steps, 1, steps), weights: equal };
    case "riemann_middle":
      return { nodes: evenly(0.5 / steps, 1 - 0.5 / steps, steps), weights: equal };
    case "riemann_trapezoid":
    case "trapezoid": {
      if (steps < 2)
        badInput({
          what: "steps",
          got: steps,
          allowed: `an integer ≥ 2 for quadrature "${name}", which includes both ends`,
        });
      const parts = name === "trapezoid" ? steps - 1 : steps;
      return {
        nodes: evenly(0, 1, steps),
        weights: equal.map((_, i) => (i === 0 || i === steps - 1 ? 0.5 : 1) / parts),
      };
    }
  }
}

/**
 * Evenly spaced, rounded as PyTorch's `linspace` rounds in float32: a node that differs in its last digit now and then
 * falls on the other side of a kink (a ReLU, a max-pool), and the result then differs from Captum's by 5e-4 and more.
 */
function evenly(first: number, last: number, count: number): number[] {
  const from = Math.fround(first),
    to = Math.fround(last);
  const step = Math.fround(Math.fround(to - from) / Math.max(1, count - 1));
  const half = Math.max(1, Math.floor(count / 2));
  return Array.from({ length: count }, (_, i) => Math.fround(i < half ? from + step * i : to - step * (count - 1 - i)));
}

/**
 * Nodes are the roots of the Legendre polynomial of degree `n`, found by Newton's method, moved from [−1, 1] to [0, 1].
 */
function gaussLegendre(n: number): QuadratureRule {
  const nodes = new Array<number>(n),
    weights = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let round = 0; round < 100; round++) {
      const legendre = legendreAt(n, x);
      slope = legendre.slope;
      const move = legendre.value / slope;
      x -= move;
      if (Math.abs(move) < 1e-16) break;
    }
    nodes[i] = 0.5 * (1 + x);
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** The Legendre polynomial of degree `n` and its derivative, by the three-term recurrence. */
function legendreAt(n: number, x: number): { value: number; slope: number } {
  let before = 1,
    value = x;
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return { value, slope: (n * (before - x * value)) / (1 - x * x) };
}

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
 * straight path between them (Sundararajan, Taly & Yan 2017, "Axiomatic Attribution for Deep Networks",
 * arXiv:1703.01365). The values of an input add up to logit(input) − logit(baseline), but for `convergenceDelta`.
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
