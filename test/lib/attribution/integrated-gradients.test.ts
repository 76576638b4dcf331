import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { integratedGradients, type IntegratedGradientsOptions } from "../../../lib/attribution/integrated-gradients";
import { forEachBackend } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, joined, oracleGradient, oracleLogits } from "../../helpers/tiny-oracle";

const relu = tinyWeights("relu"),
  smooth = tinyWeights("smooth");
const pixels = tinyPixelsOf(3),
  baselinePixels = tinyPixelsOf(3, 99);
const target = [3, 0, 2];

async function run(
  weights: typeof relu,
  options: IntegratedGradientsOptions,
): Promise<{ values: Float32Array; delta: Float32Array }> {
  const images = tinyImages(pixels);
  const result = await integratedGradients(tinyModel(weights), images, { target, ...options });
  const values = result.values.dataSync() as Float32Array,
    delta = result.convergenceDelta!.dataSync() as Float32Array;
  result.dispose();
  images.dispose();
  return { values, delta };
}

/** By loops, from nodes and weights written down here. @param baseline value of pixel `at` of image `i` */
function oracle(
  weights: typeof relu,
  nodes: number[],
  shares: number[],
  baseline: (i: number, at: number) => number,
): Float64Array {
  return joined(
    eachImage(pixels).map((image, i) => {
      const sum = new Float64Array(image.length);
      nodes.forEach((node, step) => {
        const point = Float64Array.from(image, (x, at) => baseline(i, at) + node * (x - baseline(i, at)));
        oracleGradient(weights, point, target[i]).forEach((g, at) => {
          sum[at] += shares[step] * g;
        });
      });
      return sum.map((mean, at) => mean * (image[at] - baseline(i, at)));
    }),
  );
}

const tableau: [IntegratedGradientsOptions["quadrature"], number, number[], number[]][] = [
  // The closed form of three Gauss–Legendre points, moved to [0, 1].
  ["gausslegendre", 3, [0.5 - Math.sqrt(0.15), 0.5, 0.5 + Math.sqrt(0.15)], [5 / 18, 8 / 18, 5 / 18]],
  ["riemann_left", 4, [0, 0.25, 0.5, 0.75], [0.25, 0.25, 0.25, 0.25]],
  ["riemann_right", 4, [0.25, 0.5, 0.75, 1], [0.25, 0.25, 0.25, 0.25]],
  ["riemann_middle", 4, [0.125, 0.375, 0.625, 0.875], [0.25, 0.25, 0.25, 0.25]],
  ["riemann_trapezoid", 5, [0, 0.25, 0.5, 0.75, 1], [0.1, 0.2, 0.2, 0.2, 0.1]],
  ["trapezoid", 5, [0, 0.25, 0.5, 0.75, 1], [0.125, 0.25, 0.25, 0.25, 0.125]],
];

forEachBackend(() => {
  describe("integrated gradients", () => {
    for (const [quadrature, steps, nodes, shares] of tableau) {
      it(`${quadrature}: is the weighted sum of the paper, by loops in double precision`, async () => {
        const { values } = await run(relu, { quadrature, steps, baseline: 0.25 });
        expect(
          relativeError(
            values,
            oracle(relu, nodes, shares, () => 0.25),
          ),
        ).to.be.below(2e-5);
      });
    }

    it("takes a baseline image, and one for each image", async () => {
      const [quadrature, steps, nodes, shares] = tableau[0];
      const all = tinyImages(baselinePixels),
        one = tinyImages(baselinePixels.slice(0, 60));
      const perImage = await run(relu, { quadrature, steps, baseline: all });
      const forAll = await run(relu, { quadrature, steps, baseline: one });
      const forAll3d = await run(relu, {
        quadrature,
        steps,
        baseline: tf.tidy(() => tf.squeeze<tf.Tensor3D>(one, [0])),
      });
      tf.dispose([all, one]);
      expect(
        relativeError(
          perImage.values,
          oracle(relu, nodes, shares, (i, at) => baselinePixels[i * 60 + at]),
        ),
      ).to.be.below(2e-5);
      expect(
        relativeError(
          forAll.values,
          oracle(relu, nodes, shares, (_, at) => baselinePixels[at]),
        ),
      ).to.be.below(2e-5);
      expect(forAll3d.values).to.deep.equal(forAll.values);
    });

    it("is complete: the values add up to the difference of the logits, and the delta says how nearly", async () => {
      const change = eachImage(pixels).map(
        (image, i) => oracleLogits(smooth, image)[target[i]] - oracleLogits(smooth, new Float32Array(60))[target[i]],
      );
      const { values, delta } = await run(smooth, {});
      change.forEach((wanted, i) => {
        const sum = values.slice(i * 60, (i + 1) * 60).reduce((a, b) => a + b, 0);
        expect(sum).to.be.closeTo(wanted, 1e-4);
        expect(delta[i]).to.be.closeTo(sum - wanted, 1e-5);
      });
    });
  });
});

describe("integrated gradients, convergence", () => {
  const largest = (delta: Float32Array): number => Math.max(...delta.map(Math.abs));

  for (const quadrature of ["riemann_left", "riemann_right", "riemann_trapezoid"] as const) {
    it(`${quadrature}: the delta falls as 1/steps`, async () => {
      const [coarse, fine] = [
        await run(smooth, { quadrature, steps: 10 }),
        await run(smooth, { quadrature, steps: 160 }),
      ];
      expect(largest(coarse.delta) / largest(fine.delta)).to.be.within(10, 26);
    });
  }
  for (const quadrature of ["riemann_middle", "trapezoid"] as const) {
    it(`${quadrature}: the delta falls as 1/steps²`, async () => {
      const [coarse, fine] = [
        await run(smooth, { quadrature, steps: 3 }),
        await run(smooth, { quadrature, steps: 24 }),
      ];
      expect(largest(coarse.delta) / largest(fine.delta)).to.be.above(40);
    });
  }
  it("gausslegendre: twenty steps leave only rounding on a smooth network", async () => {
    expect(largest((await run(smooth, { steps: 20 })).delta)).to.be.below(2e-5);
  });
  it("with kinks the delta still goes to 0", async () => {
    const [coarse, fine] = [await run(relu, { steps: 10 }), await run(relu, { steps: 1000 })];
    expect(largest(coarse.delta) / largest(fine.delta)).to.be.above(50);
  });
});
