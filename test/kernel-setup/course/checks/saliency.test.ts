import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { maxAbs, l2Norm, meanAbs, signedSum, strongest, sumAbs, ready, type VisionModel } from "vitrine";
import { checkSaliency, type SaliencyFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

type Score = (model: VisionModel, x: tf.Tensor4D, target: number[]) => tf.Tensor;
type Reduce = (gradient: tf.Tensor4D, images: tf.Tensor4D) => tf.Tensor;
const picked = (scores: tf.Tensor, target: number[]): tf.Tensor => scores.mul(tf.oneHot(target, 10)).sum(1);
const logit: Score = (model, x, target) => picked(model.logits(x), target);
const map =
  (score: Score, reduce: Reduce = (gradient) => maxAbs(gradient)): SaliencyFunction =>
  (model, images, target) =>
    tf.tidy(() => reduce(tf.grad((x) => score(model, x as tf.Tensor4D, target).sum())(images) as tf.Tensor4D, images));
const right = map(logit);
const reduced = (reduce: Reduce): SaliencyFunction => map(logit, reduce);

describe("checkSaliency", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkSaliency(right));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(4);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });

  const mistakes: [string, SaliencyFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 1 is not implemented yet/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing.*return/],
    ["all three colours", reduced((g) => g.abs()), /Shape: .*still 3 values for each pixel.*Make one of them/],
    ["no channel dimension", reduced((g) => g.abs().max(3)), /channel dimension at the end is missing/],
    ["one map for all", reduced((g) => maxAbs(g.sum(0, true) as tf.Tensor4D)), /one map for all 3 images/],
    ["one value for each image", reduced((g) => g.abs().max([1, 2, 3])), /Shape: .*one value for each pixel/],
    ["the maximum without absolute values", reduced((g) => g.max(3, true)), /Sign first/],
    ["the absolute value of the maximum", reduced((g) => g.max(3, true).abs()), /Order/],
    ["the strongest with its sign", reduced((g) => strongest(g)), /Sign: .*keeps the sign/],
    ["the sum", reduced((g) => signedSum(g)), /Colours added: .*cancel/],
    ["the absolute value of the sum", reduced((g) => signedSum(g).abs()), /Colours added: .*absolute value then/],
    ["the sum of absolute values", reduced((g) => sumAbs(g)), /Colours: you add the three absolute values/],
    ["the mean of absolute values", reduced((g) => meanAbs(g)), /Colours: you take the mean/],
    ["the length", reduced((g) => l2Norm(g)), /Colours: you take the Euclidean length/],
    ["the minimum", reduced((g) => g.abs().min(3, true)), /smallest of the three/],
    ["red only", reduced((g) => g.abs().slice([0, 0, 0, 0], [-1, -1, -1, 1])), /one colour only/],
    ["a batch summed", reduced((g) => maxAbs(g.sum(0, true).tile([3, 1, 1, 1]) as tf.Tensor4D)), /Batch summed/],
    ["times the image", reduced((g, images) => maxAbs(g.mul(images) as tf.Tensor4D)), /Gradient times image/],
    [
      "normalised",
      reduced((g) => {
        const m = maxAbs(g);
        return m.div(m.max([1, 2, 3], true));
      }),
      /Normalised: each map is divided by the largest/,
    ],
    ["a factor", reduced((g) => maxAbs(g).mul(255)), /Scale: every value is 255 times/],
    [
      "the probability",
      map((model, x, target) => picked(model.probabilities(x), target)),
      /Probability instead of logit/,
    ],
    [
      "the loss",
      map((model, x, target) => tf.neg(picked(tf.logSoftmax(model.logits(x)), target))),
      /(Log-p|P)robability instead of logit|Loss instead of logit/,
    ],
    ["the predicted class", map((model, x) => model.logits(x).max(1)), /Wrong class: .*predicts/],
    ["all classes", map((model, x) => model.logits(x)), /All classes at once/],
    ["a map of another kind", reduced((g, images) => maxAbs(g).add(images.max(3, true))), /none of the usual slips/],
    [
      "right for three only",
      (model, images, target) => (images.shape[0] === 3 ? right(model, images, target) : tf.zeros([1, 10, 12, 1])),
      /another image, alone, it is not.*0 everywhere/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () => {
      await failsWith(() => checkSaliency(implementation), words);
    });
  }

  it("leaves no tensors of its own when it fails", async () => {
    const before = tf.memory().numTensors;
    await failsWith(() => checkSaliency(reduced((g) => signedSum(g))), /added/);
    expect(tf.memory().numTensors).to.equal(before);
  });
});
