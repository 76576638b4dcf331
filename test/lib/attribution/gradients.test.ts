import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { Attribution, AttributionOptions } from "../../../lib/attribution/attribution";
import { deconvolution, guidedBackprop } from "../../../lib/attribution/rectifier-rules";
import { inputXGradient } from "../../../lib/attribution/input-x-gradient";
import { saliency } from "../../../lib/attribution/saliency";
import type { ImageInput, VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend } from "../../helpers/backends";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, joined, oracleGradient, oracleLogits, type Rule } from "../../helpers/tiny-oracle";

type Method = (model: VisionModel, images: ImageInput, options?: AttributionOptions) => Promise<Attribution>;

/** Runs a method and hands out its values, leaving nothing behind. */
async function valuesOf(
  method: Method,
  model: VisionModel,
  images: tf.Tensor4D,
  options?: AttributionOptions,
): Promise<Float32Array> {
  const result = await method(model, images, options);
  const values = (await result.values.data()) as Float32Array;
  result.dispose();
  images.dispose();
  return values;
}

const relu = tinyWeights("relu"),
  smooth = tinyWeights("smooth");
const pixels = tinyPixelsOf(5);
const target = [3, 0, 2, 1, 1];
const expected = (rule: Rule, f: (g: number, x: number) => number = (g) => g): Float64Array =>
  joined(
    eachImage(pixels).map((image, i) => oracleGradient(relu, image, target[i], rule).map((g, at) => f(g, image[at]))),
  );

forEachBackend(() => {
  describe("saliency", () => {
    it("is the gradient that a double-precision network by loops computes", async () => {
      expect(
        relativeError(await valuesOf(saliency, tinyModel(relu), tinyImages(pixels), { target }), expected("standard")),
      ).to.be.below(1e-5);
    });
    it("is the finite difference of the logit, for a smooth network", async () => {
      const model = tinyModel(smooth),
        image = tinyImages(pixels.slice(0, 60));
      const difference = finiteDifference((x) => tf.slice(model.logits(x as tf.Tensor4D), [0, 2], [1, 1]), image);
      expect(relativeError(await valuesOf(saliency, model, image, { target: 2 }), difference)).to.be.below(2e-3);
    });
    it("explains the predicted class by default, and says which", async () => {
      const predicted = eachImage(pixels).map((image) => {
        const logits = oracleLogits(relu, image);
        return logits.indexOf(Math.max(...logits));
      });
      const images = tinyImages(pixels);
      const result = await saliency(tinyModel(relu), images);
      expect(result.target).to.deep.equal(predicted);
      const oracle = joined(eachImage(pixels).map((image, i) => oracleGradient(relu, image, predicted[i])));
      expect(relativeError(result.values.dataSync(), oracle)).to.be.below(1e-5);
      result.dispose();
      images.dispose();
    });
    for (const score of ["probability", "log-probability"] as const) {
      it(`of the ${score} is what the chain rule makes of the logits' gradients`, async () => {
        const oracle = joined(
          eachImage(pixels).map((image, i) => {
            const logits = oracleLogits(relu, image),
              powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
            const p = powers.map((power) => power / powers.reduce((a, b) => a + b));
            const gradients = [0, 1, 2, 3].map((k) => oracleGradient(relu, image, k));
            const log = gradients[target[i]].map(
              (g, at) => g - gradients.reduce((sum, of, k) => sum + p[k] * of[at], 0),
            );
            return score === "probability" ? log.map((value) => p[target[i]] * value) : log;
          }),
        );
        const scored: Method = (model, images, options) => saliency(model, images, { ...options, score });
        expect(
          relativeError(await valuesOf(scored, tinyModel(relu), tinyImages(pixels), { target }), oracle),
        ).to.be.below(1e-5);
      });
    }
    it("refuses a score that is none", async () => {
      const images = tinyImages(pixels);
      const error = await saliency(tinyModel(relu), images, { score: "loss" as never }).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error!.message).to.match(/^score is "loss"; allowed: logit, probability, log-probability/);
      images.dispose();
    });
    it("is signed unless abs asks otherwise", async () => {
      const absolute: Method = (model, images, options) => saliency(model, images, { ...options, abs: true });
      expect(
        relativeError(
          await valuesOf(absolute, tinyModel(relu), tinyImages(pixels), { target }),
          expected("standard", Math.abs),
        ),
      ).to.be.below(1e-5);
    });
  });

  describe("input × gradient", () => {
    it("is the image times the gradient", async () => {
      expect(
        relativeError(
          await valuesOf(inputXGradient, tinyModel(relu), tinyImages(pixels), { target }),
          expected("standard", (g, x) => g * x),
        ),
      ).to.be.below(1e-5);
    });
    it("absolute: is |gradient| × image over its maximum, image by image", async () => {
      const oracle = joined(
        eachImage(pixels).map((image, i) => {
          const map = oracleGradient(relu, image, target[i]).map((g, at) => Math.abs(g) * image[at]);
          return map.map((value) => value / Math.max(...map));
        }),
      );
      const absolute: Method = (model, images, options) =>
        inputXGradient(model, images, { ...options, variant: "absolute" });
      expect(
        relativeError(await valuesOf(absolute, tinyModel(relu), tinyImages(pixels), { target }), oracle),
      ).to.be.below(1e-5);
    });
    it("absolute: is 0 for a black image", async () => {
      const absolute: Method = (model, images, options) =>
        inputXGradient(model, images, { ...options, variant: "absolute" });
      const values = await valuesOf(absolute, tinyModel(relu), tinyImages(new Float32Array(60)));
      expect(values.every((value) => value === 0)).to.equal(true);
    });
  });

  for (const [name, method, rule] of [
    ["guided backprop", guidedBackprop, "guided"],
    ["deconvolution", deconvolution, "deconvolution"],
  ] as const) {
    describe(name, () => {
      it("is what the rule of the paper gives, by loops in double precision", async () => {
        expect(
          relativeError(await valuesOf(method, tinyModel(relu), tinyImages(pixels), { target }), expected(rule)),
        ).to.be.below(1e-5);
      });
      it("is not the plain gradient, which comes back unchanged afterwards", async () => {
        const modified = await valuesOf(method, tinyModel(relu), tinyImages(pixels), { target });
        expect(relativeError(modified, expected("standard"))).to.be.above(0.1);
        expect(
          relativeError(
            await valuesOf(saliency, tinyModel(relu), tinyImages(pixels), { target }),
            expected("standard"),
          ),
        ).to.be.below(1e-5);
      });
    });
  }
});
