import { badInput } from "../core/errors";
import { checkOptions, integer, oneOf } from "../core/options";

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

export interface QuadratureRule {
  /** Where to evaluate, 0 to 1, ascending. */
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

export const quadratureOptions = {
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
