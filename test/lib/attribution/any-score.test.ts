import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { Attribution, AttributionOptions } from "../../../lib/attribution/attribution";
import { attributionMethods } from "../../../lib/attribution/methods";
import { gradCam } from "../../../lib/attribution/grad-cam";
import { integratedGradients } from "../../../lib/attribution/integrated-gradients";
import { saliency } from "../../../lib/attribution/saliency";
import type { ScoreFunction } from "../../../lib/attribution/score";
import { fromLayersModel } from "../../../lib/model/adapters";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { messageOf } from "../model/tiny-models";

const side = 4,
  places = side * side,
  classes = 3;

/** A linear network, so that every method has a closed form: flatten → dense. Weights are small multiples of 1/8. */
const weightOf = (place: number, c: number): number => (((place * 7 + c * 5) % 9) - 4) / 8;

function linear(): VisionModel {
  const network = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [side, side, 1], filters: 1, kernelSize: 1, useBias: false, name: "conv" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: classes, useBias: false, activation: "softmax" }),
    ],
  });
  const kernels = [
    tf.ones([1, 1, 1, 1]),
    tf.tensor2d(Array.from({ length: places }, (_, p) => Array.from({ length: classes }, (_, c) => weightOf(p, c)))),
  ];
  network.setWeights(kernels);
  tf.dispose(kernels);
  return fromLayersModel(network, { name: "linear" });
}

/** Values in (0, 1), other ones for each image. */
const pixelsOf = (image: number): number[] =>
  Array.from({ length: places }, (_, p) => 0.1 + ((p * 5 + image * 3) % 16) / 20);
const imagesOf = (count: number): tf.Tensor4D =>
  tf.tensor4d(Array.from({ length: count }, (_, i) => pixelsOf(i)).flat(), [count, side, side, 1]);

/** Class 1 against class 0: what tells the two apart. */
const difference: ScoreFunction = (logits) => tf.tidy(() => tf.sub(column(logits, 1), column(logits, 0)));
const column = (logits: tf.Tensor, c: number): tf.Tensor => tf.squeeze(tf.slice(logits, [0, c], [-1, 1]), [1]);
const slopes = Array.from({ length: places }, (_, p) => weightOf(p, 1) - weightOf(p, 0));

const near = (got: ArrayLike<number>, right: readonly number[], within = 2e-5): void => {
  expect(got.length).to.equal(right.length);
  right.forEach((value, i) => expect(got[i], `value ${i}`).to.be.closeTo(value, within));
};
const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

/** What each method says of a linear score of these slopes. */
const rightValues: Record<string, { options?: object; of(x: readonly number[]): number[] }> = {
  saliency: { of: () => slopes },
  "input-x-gradient": { of: (x) => x.map((v, p) => v * slopes[p]) },
  "guided-backprop": { of: () => slopes },
  deconvolution: { of: () => slopes },
  "integrated-gradients": { options: { steps: 4, baseline: 0.5 }, of: (x) => x.map((v, p) => (v - 0.5) * slopes[p]) },
  smoothgrad: { of: () => slopes },
  "grad-cam": {
    options: { layer: "conv", signed: true },
    of: (x) => x.map((v) => (v * slopes.reduce((sum, s) => sum + s, 0)) / places),
  },
  "guided-grad-cam": {
    options: { layer: "conv" },
    of: (x) => x.map((v, p) => Math.max(0, (v * slopes.reduce((sum, s) => sum + s, 0)) / places) * slopes[p]),
  },
  occlusion: { options: { window: [1, 1], stride: 1 }, of: (x) => x.map((v, p) => v * slopes[p]) },
  "occluded-input-x-gradient": {
    options: { window: [1, 1], stride: 1 },
    of: (x) => {
      const fall = x.map((v, p) => v * slopes[p]);
      return fall.map((f) => (f / largest(fall)) * (Math.abs(f) / largest(fall)));
    },
  },
};

forEachBackend(() => {
  describe("a score of one's own, a difference of two logits", () => {
    let model: VisionModel, images: tf.Tensor4D;
    before(() => {
      model = linear();
      images = imagesOf(3);
    });
    after(() => {
      model.dispose();
      images.dispose();
    });

    it("there is a right value for every method", () => {
      expect(Object.keys(rightValues).sort()).to.deep.equal(Object.keys(attributionMethods).sort());
    });
    for (const [name, { options, of }] of Object.entries(rightValues)) {
      it(`${name} explains it, of each image in a batch, and leaves no tensor behind`, async () => {
        let made!: Attribution;
        const left = await tensorsLeft(async () => {
          made = await attributionMethods[name].explain(model, images, {
            ...options,
            score: difference,
            batchSize: 2,
          } as AttributionOptions);
        });
        expect(left).to.equal("convergenceDelta" in made ? 2 : 1);
        near(
          made.values.dataSync(),
          [0, 1, 2].flatMap((i) => of(pixelsOf(i))),
        );
        expect(made.target).to.deep.equal([]);
        if (made.convergenceDelta) near(made.convergenceDelta.dataSync(), [0, 0, 0]);
        made.dispose();
      });
    }
    it("a class's probability and its logarithm, by the chain rule", async () => {
      const [p, l] = [
        await saliency(model, images, { target: 2, score: "probability" }),
        await saliency(model, images, { target: 2, score: "log-probability" }),
      ];
      expect([p.options.score, l.options.score]).to.deep.equal(["probability", "log-probability"]);
      const probabilities = tf.tidy(() => model.probabilities(images).arraySync() as number[][]);
      const right = probabilities.flatMap((row) =>
        Array.from(
          { length: places },
          (_, at) => row[2] * (weightOf(at, 2) - row.reduce((sum, q, c) => sum + q * weightOf(at, c), 0)),
        ),
      );
      near(p.values.dataSync(), right);
      near(
        l.values.dataSync(),
        right.map((value, i) => value / probabilities[Math.floor(i / places)][2]),
      );
      [p, l].forEach((each) => each.dispose());
    });
  });

  describe("a score that differs from image to image", () => {
    it("is told which image each row comes from, also where an image is looked at many times", async () => {
      const model = linear(),
        images = imagesOf(3),
        picks = tf.tensor2d([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, -1],
        ]);
      const score: ScoreFunction = (logits, input) => tf.sum(tf.mul(logits, tf.gather(picks, input)), 1);
      const made = await integratedGradients(model, images, { score, steps: 3, batchSize: 4 });
      const right = [0, 1, 2].flatMap((i) =>
        pixelsOf(i).map((v, p) => v * [weightOf(p, 0), weightOf(p, 1), -weightOf(p, 2)][i]),
      );
      near(made.values.dataSync(), right);
      made.dispose();
      tf.dispose([images, picks]);
      model.dispose();
    });
  });

  describe("a score of a layer's activations", () => {
    it("is explained by gradients, by occlusion and at a layer", async () => {
      const model = linear(),
        images = imagesOf(2);
      const squares = { layer: "conv", of: (maps: tf.Tensor) => tf.sum(tf.square(maps), [1, 2, 3]) };
      const gradient = await saliency(model, images, { score: squares });
      near(
        gradient.values.dataSync(),
        [0, 1].flatMap((i) => pixelsOf(i).map((v) => 2 * v)),
      );
      const fall = await attributionMethods.occlusion.explain(model, images, {
        score: squares,
        window: [1, 1],
        stride: 1,
      } as AttributionOptions);
      near(
        fall.values.dataSync(),
        [0, 1].flatMap((i) => pixelsOf(i).map((v) => v * v)),
      );
      const cam = await gradCam(model, images, { score: squares, layer: "conv" });
      near(
        cam.values.dataSync(),
        [0, 1].flatMap((i) => pixelsOf(i).map((v, _, all) => (v * (2 * all.reduce((a, b) => a + b, 0))) / places)),
      );
      [gradient, fall, cam].forEach((each) => each.dispose());
      images.dispose();
      model.dispose();
    });
  });
});

describe("a score that is none", () => {
  let model: VisionModel, images: tf.Tensor4D;
  before(() => {
    model = linear();
    images = imagesOf(2);
  });
  after(() => {
    model.dispose();
    images.dispose();
  });
  const refused = async (options: object, message: RegExp): Promise<void> => {
    const left = await tensorsLeft(async () => {
      const words = await messageOf(() => saliency(model, images, options));
      expect(words).to.match(message).and.not.contain("\n");
    });
    expect(left).to.equal(0);
  };
  it("is refused in one line: an unknown word", () =>
    refused({ score: "logits" }, /score is "logits"; allowed: logit, probability/));
  it("a layer that is not there", () =>
    refused({ score: { layer: "konv", of: difference } }, /score.layer is "konv".*conv/));
  it("one beside a target", () =>
    refused({ score: difference, target: 1 }, /target is 1; allowed: nothing beside a score of your own/));
  it("a number for each class, not for each image", () =>
    refused({ score: (logits: tf.Tensor) => logits }, /what score returned is \[2, 3\]; allowed: a tensor \[2\]/));
  it("a number that is no tensor", () => refused({ score: () => 1 }, /what score returned is 1/));
  it("one that does not depend on the image", () =>
    refused({ score: () => tf.zeros([2]) }, /one that does not depend on the input/));
});
