import type { Tensor3D } from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { measureAdversaries } from "../../../lib/training/adversaries-through-training";
import { failure } from "../data/helpers";
import { tensorsLeft } from "../../helpers/backends";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, oracleGradient, oracleLogits } from "../../helpers/tiny-oracle";

const first = (scores: Float64Array): number => scores.indexOf(Math.max(...scores));

/** FGSM by loops, in double precision: one image moved up the cross-entropy of the class that it is taken for. */
function slowFgsm(
  weights: ReturnType<typeof tinyWeights>,
  pixels: Float32Array,
  epsilon: number,
): { before: number; after: number } {
  const logits = oracleLogits(weights, pixels),
    before = first(logits);
  const exponentials = logits.map((score) => Math.exp(score - Math.max(...logits))),
    sum = exponentials.reduce((a, b) => a + b);
  const gradient = new Float64Array(pixels.length);
  // ∂(−log p_c)/∂x = Σ_k (p_k − [k = c]) ∂logit_k/∂x
  for (let k = 0; k < 4; k++)
    oracleGradient(weights, pixels, k).forEach((value, i) => {
      gradient[i] += (exponentials[k] / sum - (k === before ? 1 : 0)) * value;
    });
  const moved = Float64Array.from(pixels, (value, i) =>
    Math.min(1, Math.max(0, value + epsilon * Math.sign(gradient[i]))),
  );
  return { before, after: first(oracleLogits(weights, moved)) };
}

describe("measureAdversaries", () => {
  const pixels = tinyPixelsOf(40),
    labels = Array.from({ length: 40 }, (_, i) => i % 4),
    epsilons = [0, 0.02, 0.1, 0.3];
  before(() => ready());

  for (const activation of ["relu", "smooth"] as const) {
    it(`counts what a slow FGSM counts (${activation}), whatever the batch size`, async () => {
      const weights = tinyWeights(activation),
        images = tinyImages(pixels);
      const slow = epsilons.map((epsilon) => eachImage(pixels).map((image) => slowFgsm(weights, image, epsilon)));
      const share = (
        of: { before: number; after: number }[],
        counts: (each: { before: number; after: number }, i: number) => boolean,
      ): number => of.filter(counts).length / 40;
      for (const batchSize of [7, 64]) {
        const { accuracy, points } = await measureAdversaries(tinyModel(weights), images, labels, {
          epsilon: epsilons,
          batchSize,
        });
        expect(accuracy).to.be.closeTo(
          share(slow[0], ({ before }, i) => before === labels[i]),
          1e-9,
        );
        points.forEach((point, e) => {
          expect(point.epsilon).to.equal(epsilons[e]);
          expect(point.success, "success").to.be.closeTo(
            share(slow[e], ({ before, after }) => before !== after),
            1e-9,
          );
          expect(point.unfooled, "unfooled").to.be.closeTo(1 - point.success, 1e-9);
          expect(point.robustAccuracy, "robust accuracy").to.be.closeTo(
            share(slow[e], ({ before, after }, i) => before === labels[i] && after === labels[i]),
            1e-9,
          );
        });
      }
      const successes = slow.map((of) => share(of, ({ before, after }) => before !== after));
      expect(
        [successes[0], successes[1] < successes[3], successes[1] < 1, successes[3] > 0],
        "an attack that always or never succeeds would tell little",
      ).to.deep.equal([0, true, true, true]);
      images.dispose();
    });
  }

  it("takes one epsilon, names as labels, and one image", async () => {
    const images = tinyImages(pixels.subarray(0, 60)),
      image = images.squeeze<Tensor3D>([0]);
    const { before, after } = slowFgsm(tinyWeights("relu"), pixels.subarray(0, 60), 0.1);
    const { accuracy, points } = await measureAdversaries(
      tinyModel(tinyWeights("relu")),
      image,
      ["ant", "bee", "cat", "Cat"][before],
      { epsilon: 0.1 },
    );
    expect([accuracy, points.length, points[0].success]).to.deep.equal([1, 1, before === after ? 0 : 1]);
    images.dispose();
    image.dispose();
  });

  it("leaves no tensors behind, and reports progress", async () => {
    const model = tinyModel(tinyWeights("relu")),
      images = tinyImages(pixels),
      seen: number[] = [];
    expect(
      await tensorsLeft(() =>
        measureAdversaries(model, images, labels, {
          epsilon: [0.1, 0.2],
          batchSize: 9,
          onProgress: ({ done }) => {
            seen.push(done);
          },
        }),
      ),
    ).to.equal(0);
    expect(seen).to.deep.equal([8, 16, 24, 32, 40]);
    expect(
      await tensorsLeft(() =>
        measureAdversaries(model, images, labels, { epsilon: 0.1, signal: AbortSignal.abort() }).catch(() => undefined),
      ),
    ).to.equal(0);
    images.dispose();
  });

  it("names what it cannot take", async () => {
    const model = tinyModel(tinyWeights("relu")),
      images = tinyImages(pixels);
    expect(
      await tensorsLeft(async () => {
        expect(
          (await failure(() => measureAdversaries(model, images, labels.slice(1), { epsilon: 0.1 }))).message,
        ).to.match(/^the number of targets is 39/);
        expect((await failure(() => measureAdversaries(model, images, 4, { epsilon: 0.1 }))).message).to.match(
          /^target is 4/,
        );
        expect((await failure(() => measureAdversaries(model, images, labels, { epsilon: 8 }))).message).to.match(
          /^epsilon is 8.*8 \/ 255/,
        );
        expect(
          (await failure(() => measureAdversaries(model, images, labels, { epsilon: 0.1, batchSize: 0 }))).message,
        ).to.match(/^batchSize is 0/);
      }),
    ).to.equal(0);
    images.dispose();
  });
});
