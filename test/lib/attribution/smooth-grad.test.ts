import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { noiseOf } from "../../../lib/core/noise";
import { smoothGrad, type SmoothGradOptions, type SmoothGradVariant } from "../../../lib/attribution/smooth-grad";
import { BadInputError } from "../../../lib/core/errors";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixels, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, joined, oracleGradient } from "../../helpers/tiny-oracle";

const weights = tinyWeights("relu");
const pixels = tinyPixelsOf(3);
const target = [3, 0, 2];

async function valuesOf(options: SmoothGradOptions, model: VisionModel = tinyModel(weights)): Promise<Float32Array> {
  const images = tinyImages(pixels);
  const result = await smoothGrad(model, images, { target, ...options });
  const values = (await result.values.data()) as Float32Array;
  result.dispose();
  images.dispose();
  return values;
}

/** The statistics of the paper and of Captum, by loops in double precision over the same noise. */
function oracle(variant: SmoothGradVariant, samples: number, deviation: number, seed: number): Float64Array {
  const noise = noiseOf({ first: 0, count: samples }, tinyPixels, deviation, seed);
  return joined(
    eachImage(pixels).map((image, i) => {
      const gradients = Array.from({ length: samples }, (_, s) =>
        oracleGradient(
          weights,
          image.map((value, at) => value + noise[s * tinyPixels + at]),
          target[i],
        ),
      );
      return Float64Array.from(image, (_, at) => {
        const mean = gradients.reduce((sum, g) => sum + g[at], 0) / samples;
        const ofSquares = gradients.reduce((sum, g) => sum + g[at] ** 2, 0) / samples;
        return variant === "smoothgrad" ? mean : variant === "squared" ? ofSquares : ofSquares - mean ** 2;
      });
    }),
  );
}

forEachBackend(() => {
  describe("smoothGrad", () => {
    for (const variant of ["smoothgrad", "squared", "vargrad"] as const) {
      it(`${variant}: is the statistic of a double-precision network's gradients under the same noise`, async () => {
        expect(
          relativeError(await valuesOf({ variant, samples: 7, sigma: 0.3, seed: 5 }), oracle(variant, 7, 0.3, 5)),
        ).to.be.below(2e-5);
      });
    }
  });
});

describe("smoothGrad's noise", () => {
  it("is normal: mean 0, the deviation asked for, and other in every sample and under every seed", () => {
    const noise = noiseOf({ first: 0, count: 2 }, 20_000, 0.15, 3);
    const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length);
    expect(mean).to.be.closeTo(0, 0.003);
    expect(deviation).to.be.closeTo(0.15, 0.002);
    const within = noise.filter((value) => Math.abs(value) < 0.15).length / noise.length;
    expect(within).to.be.closeTo(0.6827, 0.01);
    const [first, second] = [noise.subarray(0, 20_000), noise.subarray(20_000)];
    const correlation = first.reduce((sum, value, i) => sum + value * second[i], 0) / (20_000 * 0.15 ** 2);
    expect(correlation).to.be.closeTo(0, 0.03);
    expect(noiseOf({ first: 1, count: 1 }, 20_000, 0.15, 3)).to.deep.equal(second);
    expect(noiseOf({ first: 0, count: 1 }, 20_000, 0.15, 4)).to.not.deep.equal(first);
  });
  it("has σ as a fraction of the model's bounds, and is the same again by default", async () => {
    const wide: VisionModel = { ...tinyModel(weights), bounds: [-1, 3] };
    expect(
      relativeError(await valuesOf({ sigma: 0.1, seed: 2, samples: 3 }, wide), oracle("smoothgrad", 3, 0.4, 2)),
    ).to.be.below(2e-5);
    expect(await valuesOf({})).to.deep.equal(
      await valuesOf({ samples: 5, sigma: 0.15, seed: 0, variant: "smoothgrad" }),
    );
    expect(await valuesOf({})).to.not.deep.equal(await valuesOf({ seed: 1 }));
  });
  it("comes nearer to a plain gradient as σ goes to 0", async () => {
    const plain = joined(eachImage(pixels).map((image, i) => oracleGradient(weights, image, target[i])));
    expect(relativeError(await valuesOf({ sigma: 1e-6 }), plain)).to.be.below(1e-4);
    expect(relativeError(await valuesOf({ sigma: 0.5 }), plain)).to.be.above(0.05);
  });

  const bad: [object, RegExp][] = [
    [{ samples: 0 }, /^samples is 0; allowed: an integer from 1 to 10000/],
    [{ samples: 2.5 }, /^samples is 2\.5/],
    [{ sigma: 0 }, /^sigma is 0; allowed: a number above 0 and at most 10/],
    [{ sigma: NaN }, /^sigma is NaN/],
    [{ sigma: "0.1" }, /^sigma is "0\.1"/],
    [{ seed: 0.5 }, /^seed is 0\.5; allowed: an integer/],
    [{ variant: "vargard" }, /^variant is "vargard"; allowed: smoothgrad, squared, vargrad\. Did you mean vargrad\?/],
  ];
  for (const [options, message] of bad) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const images = tf.zeros<tf.Rank.R4>([1, 6, 5, 2]);
      expect(
        await tensorsLeft(async () => {
          const error = await smoothGrad(tinyModel(weights), images, options).then(
            () => undefined,
            (thrown: Error) => thrown,
          );
          expect(error).to.be.instanceOf(BadInputError);
          expect(error!.message).to.match(message);
        }),
      ).to.equal(0);
      images.dispose();
    });
  }
});
