import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkIntegratedGradients, type IntegratedGradientsFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

interface Parts {
  score: (model: VisionModel, x: tf.Tensor4D, target: number[]) => tf.Tensor;
  points: (steps: number) => number[];
  path: (images: tf.Tensor4D, baseline: tf.Tensor4D, alpha: number) => tf.Tensor;
  factor: (images: tf.Tensor4D, baseline: tf.Tensor4D) => tf.Tensor;
  divide: (steps: number) => number;
  finish: (map: tf.Tensor) => tf.Tensor;
}
const picked = (scores: tf.Tensor, target: number[]): tf.Tensor => scores.mul(tf.oneHot(target, 10)).sum();
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const rightParts: Parts = {
  score: (model, x, target) => picked(model.logits(x), target),
  points: (steps) => range(1, steps).map((k) => (k - 0.5) / steps),
  path: (images, baseline, alpha) => baseline.add(images.sub(baseline).mul(alpha)),
  factor: (images, baseline) => images.sub(baseline),
  divide: (steps) => steps,
  finish: (map) => map,
};
/** Integrated gradients as a student writes them, with some part written wrongly. */
const written =
  (wrong: Partial<Parts> = {}): IntegratedGradientsFunction =>
  (model, images, target, baseline, steps) =>
    tf.tidy(() => {
      const { score, points, path, factor, divide, finish } = { ...rightParts, ...wrong };
      let sum: tf.Tensor = tf.zerosLike(images);
      for (const alpha of points(steps))
        sum = sum.add(tf.grad((x) => score(model, x as tf.Tensor4D, target))(path(images, baseline, alpha)));
      return finish(sum.div(divide(steps)).mul(factor(images, baseline)));
    });

describe("checkIntegratedGradients", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkIntegratedGradients(written()));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(5);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("shows completeness with numbers that agree", async () => {
    const { lines } = await spoken(() => checkIntegratedGradients(written()));
    const [sum, change] = (lines.at(-1) as string).match(/-?\d+\.\d{3}/g)!.map(Number);
    expect(Math.abs(sum - change)).to.be.below(0.02);
    expect(Math.abs(change)).to.be.above(0.1);
  });

  const mistakes: [string, IntegratedGradientsFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 2 is not implemented yet/,
    ],
    ["no factor", written({ factor: () => tf.scalar(1) }), /Factor forgotten/],
    ["baseline − image", written({ factor: (images, baseline) => baseline.sub(images) }), /Sign: /],
    ["image as factor", written({ factor: (images) => images }), /Baseline forgotten in the factor/],
    [
      "no baseline at all",
      written({ factor: (images) => images, path: (images, _, alpha) => images.mul(alpha) }),
      /Baseline forgotten: .*black/,
    ],
    [
      "no baseline on the path",
      written({ path: (images, _, alpha) => images.mul(alpha) }),
      /Baseline forgotten on the path/,
    ],
    [
      "a path of differences",
      written({ path: (images, baseline, alpha) => images.sub(baseline).mul(alpha) }),
      /Path: .*do not start from the baseline/,
    ],
    ["gradient at the image only", written({ points: () => [1], divide: () => 1 }), /No path: .*at the image only/],
    [
      "gradient at the baseline only",
      written({ points: () => [0], divide: () => 1 }),
      /No path: .*at the baseline only/,
    ],
    ["a sum, not a mean", written({ divide: () => 1 }), /Scale: .*5 times too large.*mean/],
    ["right ends", written({ points: (m) => range(1, m).map((k) => k / m) }), /Off by half a step: .*right ends/],
    ["left ends", written({ points: (m) => range(0, m - 1).map((k) => k / m) }), /Off by half a step: .*left ends/],
    [
      "both ends, one point more",
      written({ points: (m) => range(0, m).map((k) => k / m), divide: (m) => m + 1 }),
      /Off by one: you took 6 points.*included\. /,
    ],
    [
      "both ends, divided by steps",
      written({ points: (m) => range(0, m).map((k) => k / m) }),
      /Off by one: you took 6 points.*divided by 5/,
    ],
    ["linspace", written({ points: (m) => range(0, m - 1).map((k) => k / (m - 1)) }), /Off by one: .*in 4 pieces/],
    [
      "loop ends early",
      written({ points: (m) => range(1, m - 1).map((k) => (k - 0.5) / m) }),
      /Off by one: the last point is missing/,
    ],
    [
      "loop begins late",
      written({ points: (m) => range(2, m).map((k) => (k - 0.5) / m) }),
      /Off by one: the first point is missing/,
    ],
    [
      "loop ends late",
      written({ points: (m) => range(1, m + 1).map((k) => (k - 0.5) / m) }),
      /Off by one: .*beyond the image/,
    ],
    [
      "loop begins early",
      written({ points: (m) => range(0, m).map((k) => (k - 0.5) / m) }),
      /Off by one: .*before the baseline/,
    ],
    [
      "steps ignored",
      written({ points: () => range(1, 50).map((k) => (k - 0.5) / 50), divide: () => 50 }),
      /Steps ignored/,
    ],
    [
      "steps fixed at the first case",
      written({ points: () => range(1, 5).map((k) => (k - 0.5) / 5), divide: () => 5 }),
      /with 12 steps it is not/,
    ],
    [
      "probability",
      written({ score: (model, x, target) => picked(model.probabilities(x), target) }),
      /Probability instead of logit/,
    ],
    [
      "log-probability",
      written({ score: (model, x, target) => picked(tf.logSoftmax(model.logits(x)), target) }),
      /Log-probability/,
    ],
    [
      "first target for all",
      written({
        score: (model, x, target) =>
          picked(
            model.logits(x),
            target.map(() => target[0]),
          ),
      }),
      /Wrong class: .*first image's/,
    ],
    ["all classes", written({ score: (model, x) => model.logits(x).sum() }), /All classes at once/],
    [
      "mean over the batch",
      written({ score: (model, x, target) => picked(model.logits(x), target).div(x.shape[0]) }),
      /Scale: .*3 times too small, and there are 3 images/,
    ],
    ["batch summed", written({ finish: (map) => map.sum(0, true).tile([3, 1, 1, 1]) }), /Batch summed/],
    ["batch summed, not repeated", written({ finish: (map) => map.sum(0, true) }), /Shape: .*one map for all 3/],
    ["absolute values", written({ finish: (map) => map.abs() }), /Sign lost/],
    ["factor and sign", written({ finish: (map) => map.mul(-3) }), /Scale: every value is 3 times .*opposite sign/],
    ["wrong in many ways", written({ finish: (map) => map.add(1).square() }), /none of the usual slips/],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () => {
      await failsWith(() => checkIntegratedGradients(implementation), words);
    });
  }

  it("names the mistake: the predicted class", async () => {
    const predicted: IntegratedGradientsFunction = (model, images, _, baseline, steps) =>
      written()(model, images, Array.from(model.logits(images).argMax(1).dataSync()), baseline, steps);
    await failsWith(() => checkIntegratedGradients(predicted), /Wrong class: .*predicts/);
  });
});
