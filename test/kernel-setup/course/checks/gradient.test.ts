import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkGradient, type GradientFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

type Score = (model: VisionModel, x: tf.Tensor4D, target: number[]) => tf.Tensor;
const gradientOf =
  (score: Score): GradientFunction =>
  (model, images, target) =>
    tf.tidy(() => tf.grad((x) => score(model, x as tf.Tensor4D, target).sum())(images));
const picked = (scores: tf.Tensor, target: number[]): tf.Tensor => scores.mul(tf.oneHot(target, 10)).sum(1);
const right: GradientFunction = gradientOf((model, x, target) => picked(model.logits(x), target));
const after =
  (change: (map: tf.Tensor, images: tf.Tensor4D) => tf.Tensor): GradientFunction =>
  (model, images, target) =>
    tf.tidy(() => change(right(model, images, target) as tf.Tensor, images));

describe("checkGradient", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkGradient(right));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(4);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("takes an async function too", async () => {
    expect((await spoken(() => checkGradient(async (...args) => right(...args)))).words).to.equal(undefined);
  });

  it("mentions tensors left behind, without failing", async () => {
    const { lines, words } = await spoken(() =>
      checkGradient((model, images, target) => {
        tf.ones([2]);
        return right(model, images, target);
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines.at(-1)).to.match(/leaves 1 tensors in memory.*tidy/);
  });

  const mistakes: [string, GradientFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 1 is not implemented yet/,
    ],
    [
      "an error of its own",
      () => {
        throw new TypeError("boom");
      },
      /stopped with an error: boom/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing.*return/],
    [
      "an array",
      (async (...args: Parameters<GradientFunction>) => (await right(...args)).arraySync()) as never,
      /returned an array/,
    ],
    [
      "a disposed tensor",
      async (...args) => {
        const map = await right(...args);
        map.dispose();
        return map;
      },
      /already been disposed/,
    ],
    [
      "no path to the pixels",
      gradientOf((model, x, target) => picked(model.logits(tf.tensor4d((x as tf.Tensor4D).arraySync())), target)),
      /tf\.grad must compute its result from its own argument/,
    ],
    ["the opposite sign", after((map) => map.neg()), /Sign: .*opposite/],
    [
      "a mean over the batch",
      gradientOf((model, x, target) => picked(model.logits(x), target).mean()),
      /Scale: .*3 times too small.*mean over the batch/,
    ],
    ["a sum over the batch", after((map) => map.sum(0, true)), /Shape: .*one map for all 3/],
    ["a sum over the batch, repeated", after((map) => map.sum(0, true).tile([map.shape[0], 1, 1, 1])), /Batch summed/],
    ["the first image only", after((map) => map.slice([0], [1])), /Shape: .*only the first image/],
    ["no channel", after((map) => map.squeeze([3])), /channel dimension/],
    ["logits instead of a map", (model, images) => model.logits(images), /one row of scores per image/],
    ["absolute values", after((map) => map.abs()), /Sign lost/],
    ["gradient × image", after((map, images) => map.mul(images)), /Gradient times image/],
    ["a factor", after((map) => map.mul(255)), /Scale: every value is 255 times/],
    [
      "normalised maps",
      after((map) => map.div(map.abs().max([1, 2, 3], true))),
      /Normalised: each map is divided by the largest/,
    ],
    ["zeros", after((map) => map.mul(0)), /0 everywhere/],
    ["NaN", after((map) => map.div(0).sub(map.div(0))), /not numbers/],
    [
      "the probability",
      gradientOf((model, x, target) => picked(model.probabilities(x), target)),
      /Probability instead of logit/,
    ],
    [
      "the log-probability",
      gradientOf((model, x, target) => picked(model.probabilities(x).log(), target)),
      /Log-probability/,
    ],
    [
      "the loss",
      gradientOf((model, x, target) => tf.neg(picked(tf.logSoftmax(model.logits(x)), target))),
      /Loss instead of logit/,
    ],
    ["the predicted class", gradientOf((model, x) => model.logits(x).max(1)), /Wrong class: .*predicts/],
    [
      "the first target for all",
      gradientOf((model, x, target) =>
        picked(
          model.logits(x),
          target.map(() => target[0]),
        ),
      ),
      /Wrong class: .*first image's target/,
    ],
    ["all classes", gradientOf((model, x) => model.logits(x)), /All classes at once/],
    ["a map of another kind", after((map, images) => map.add(images)), /none of the usual slips/],
    [
      "only one image right",
      after((map) => tf.concat([map.slice([0], [1]), map.slice([1]).reverse(2)])),
      /Batch: image 1 of 3 is right/,
    ],
  ];
  for (const [name, implementation, words] of mistakes.filter(([name]) => !name.startsWith("twice"))) {
    it(`names the mistake: ${name}`, async () => {
      await failsWith(() => checkGradient(implementation), words);
    });
  }

  it("names two mistakes at once", async () => {
    const both: GradientFunction = gradientOf((model, x, target) => picked(model.probabilities(x), target).mul(-2));
    await failsWith(
      () => checkGradient(both),
      /Probability instead of logit.*-?2 times|Probability.*2 times.*opposite sign/,
    );
  });

  it("shows where the student's own code failed, and nothing of ours when the map is wrong", async () => {
    const boom = await failsWith(
      () =>
        checkGradient(function mine() {
          throw new Error("boom");
        }),
      /boom/,
    );
    expect(boom.stack).to.include("mine");
    const wrong = await failsWith(() => checkGradient(after((map) => map.neg())), /Sign/);
    expect(wrong.stack).to.equal(`CheckFailed: ${wrong.message}`);
  });

  it("leaves no tensors of its own when it fails", async () => {
    const before = tf.memory().numTensors;
    await failsWith(() => checkGradient(after((map) => map.neg())), /Sign/);
    expect(tf.memory().numTensors).to.equal(before);
  });
});
