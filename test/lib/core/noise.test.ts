import { expect } from "chai";
import { fillNormal } from "../../../lib/core/noise";

/** The share of a normal variable between two numbers, by Simpson's rule. */
function share(from: number, to: number): number {
  const steps = 2000,
    step = (to - from) / steps;
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(from) + density(to);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density(from + i * step);
  return (sum * step) / 3;
}

describe("normal noise", () => {
  const count = 4_000_000,
    values = new Float32Array(count);
  before(() => fillNormal(values, 1, 12, 34));

  it("falls between any two numbers as often as a normal variable does, in its tails too", () => {
    // The ziggurat's own seams are among the edges: where the tail begins, and the top of the bell.
    const inner = [-4.5, -4, -3.442619855899, -3, -2.5, -2, -1.5, -1, -0.75, -0.5, -0.272320864704, -0.1];
    const edges = [-9, ...inner, 0, ...inner.map((edge) => -edge).reverse(), 9];
    const found = new Float64Array(edges.length - 1);
    for (const value of values) found[edges.findIndex((edge) => value < edge) - 1]++;
    const chiSquare = Array.from(found).reduce(
      (sum, n, i) => sum + (n - count * share(edges[i], edges[i + 1])) ** 2 / (count * share(edges[i], edges[i + 1])),
      0,
    );
    // 25 degrees of freedom: above 52.6 once in a thousand seeds.
    expect(chiSquare).to.be.below(52.6);
  });

  it("has neighbours that know nothing of each other", () => {
    for (const lag of [1, 2, 3, 224 * 3]) {
      let [sum, ofSquares] = [0, 0];
      for (let i = lag; i < count; i++) {
        sum += values[i] * values[i - lag];
        ofSquares += (values[i] ** 2 - 1) * (values[i - lag] ** 2 - 1);
      }
      expect(Math.abs(sum) / Math.sqrt(count), `lag ${lag}`).to.be.below(4);
      expect(Math.abs(ofSquares) / Math.sqrt(4 * count), `lag ${lag}, squares`).to.be.below(4);
    }
  });

  it("is the same under the same seeds, scaled by the deviation, and other under others", () => {
    const drawn = (deviation: number, ...seeds: number[]): number[] => {
      const made = new Float32Array(1000);
      fillNormal(made, deviation, ...seeds);
      return Array.from(made);
    };
    expect(drawn(2, 12, 34)).to.deep.equal(Array.from(values.subarray(0, 1000), (value) => 2 * value));
    expect(drawn(1, 12, 35)).to.not.deep.equal(drawn(1, 12, 34));
  });
});
