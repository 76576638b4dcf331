import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkInputXGradient, type InputXGradientFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

type Score = (model: VisionModel, x: tf.Tensor4D, target: number[]) => tf.Tensor;
type Finish = (gradient: tf.Tensor, images: tf.Tensor4D) => tf.Tensor;
const picked = (scores: tf.Tensor, target: number[]): tf.Tensor => tf.sum(tf.mul(scores, tf.oneHot(target, 10)), 1);
const logit: Score = (model, x, target) => picked(model.logits(x), target);
/** As a student writes it, with some part written wrongly. */
const written =
  (score: Score = logit, finish: Finish = (gradient, images) => tf.mul(gradient, images)): InputXGradientFunction =>
  (model, images, target) =>
    tf.tidy(() => finish(tf.grad((x) => tf.sum(score(model, x as tf.Tensor4D, target)))(images), images));
const ending = (finish: Finish): InputXGradientFunction => written(logit, finish);

describe("checkInputXGradient", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkInputXGradient(async (...args) => written()(...args)));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(4);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("mentions tensors left behind, without failing", async () => {
    const { lines, words } = await spoken(() =>
      checkInputXGradient((...args) => {
        tf.ones([2]);
        return written()(...args);
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines.at(-1)).to.match(/leaves 1 tensors in memory.*tidy/);
  });

  const mistakes: [string, InputXGradientFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 1 is not implemented yet/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing.*return/],
    [
      "an array",
      (async (...args: Parameters<InputXGradientFunction>) => (await written()(...args)).arraySync()) as never,
      /returned an array/,
    ],
    [
      "the images disposed of",
      (model, images, target) => {
        const map = written()(model, images, target);
        images.dispose();
        return map;
      },
      /disposes of the images/,
    ],
    ["the gradient alone", ending((gradient) => gradient), /Image forgotten/],
    ["the image alone", ending((_, images) => tf.clone(images)), /Gradient forgotten/],
    ["the opposite sign", ending((gradient, images) => tf.neg(tf.mul(gradient, images))), /Sign: .*opposite/],
    ["absolute values", ending((gradient, images) => tf.abs(tf.mul(gradient, images))), /Sign lost/],
    ["the image twice", ending((gradient, images) => tf.mul(tf.mul(gradient, images), images)), /Twice the image/],
    ["a sum", ending((gradient, images) => tf.add(gradient, images)), /Sum instead of product/],
    ["darkness", ending((gradient, images) => tf.mul(gradient, tf.sub(1, images))), /Darkness/],
    [
      "a mean over the batch",
      written((model, x, target) => tf.mean(logit(model, x, target))),
      /Scale: .*3 times too small/,
    ],
    [
      "a gradient summed over the batch",
      ending((gradient, images) => tf.mul(tf.sum(gradient, 0, true), images)),
      /Batch summed/,
    ],
    [
      "the first image for all",
      ending((gradient, images) => tf.mul(gradient, tf.slice(images, 0, 1))),
      /Batch: .*first image/,
    ],
    ["colours summed", ending((gradient, images) => tf.sum(tf.mul(gradient, images), 3, true)), /^✗ Shape: /],
    ["one map", ending((gradient, images) => tf.sum(tf.mul(gradient, images), 0, true)), /Shape: .*one map for all 3/],
    [
      "normalised maps",
      ending((gradient, images) =>
        tf.div(tf.mul(gradient, images), tf.max(tf.abs(tf.mul(gradient, images)), [1, 2, 3], true)),
      ),
      /Normalised: each map is divided by the largest/,
    ],
    [
      "a factor",
      ending((gradient, images) => tf.mul(255, tf.mul(gradient, images))),
      /Scale: every value is 255 times/,
    ],
    [
      "the probability",
      written((model, x, target) => picked(model.probabilities(x), target)),
      /Probability instead of logit/,
    ],
    [
      "the loss",
      written((model, x, target) => tf.neg(picked(tf.logSoftmax(model.logits(x)), target))),
      /Loss instead of logit/,
    ],
    ["the predicted class", written((model, x) => tf.max(model.logits(x), 1)), /Wrong class: .*predicts/],
    [
      "the first target for all",
      written((model, x, target) =>
        picked(
          model.logits(x),
          target.map(() => target[0]),
        ),
      ),
      /Wrong class: .*first image's target/,
    ],
    ["all classes", written((model, x) => model.logits(x)), /All classes at once/],
    ["something else", ending((gradient, images) => tf.mul(gradient, tf.sqrt(images))), /none of the usual slips/],
    [
      "a batch of three alone",
      (model, images, target) =>
        images.shape[0] === 3
          ? written()(model, images, target)
          : ending((gradient) => gradient)(model, images, target),
      /With three images your result was right; .*Image forgotten/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () =>
      void (await failsWith(() => checkInputXGradient(implementation), words)));
  }

  it("leaves no tensors of its own when it fails", async () => {
    const before = tf.memory().numTensors;
    await failsWith(() => checkInputXGradient(ending((gradient) => gradient)), /Image forgotten/);
    expect(tf.memory().numTensors).to.equal(before);
  });
});
