import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkIntegralOverTraining, type IntegralOverTrainingFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

type Gradient = (model: VisionModel, images: tf.Tensor4D, target: number[]) => tf.Tensor;
const picked = (scores: tf.Tensor, target: number[]): tf.Tensor => tf.sum(tf.mul(scores, tf.oneHot(target, 10)));
const scored =
  (score: (model: VisionModel, x: tf.Tensor4D, target: number[]) => tf.Tensor): Gradient =>
  (model, images, target) =>
    tf.grad((x) => tf.sum(score(model, x as tf.Tensor4D, target)))(images);
const gradient = scored((model, x, target) => picked(model.logits(x), target));

/** As a student writes it: the gradients at all moments, then something made of them. */
const gathered =
  (
    finish: (gradients: tf.Tensor[], images: tf.Tensor4D) => tf.Tensor,
    each: Gradient = gradient,
  ): IntegralOverTrainingFunction =>
  async (moments, images, target) => {
    const gradients: tf.Tensor[] = [];
    for await (const model of moments) gradients.push(tf.tidy(() => each(model, images, target)));
    const result = tf.tidy(() => finish(gradients, images));
    tf.dispose(gradients);
    return result;
  };
const sum = (gradients: tf.Tensor[]): tf.Tensor => gradients.reduce((total, each) => tf.add(total, each));

describe("checkIntegralOverTraining", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkIntegralOverTraining(gathered(sum)));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(4);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("mentions tensors left behind, without failing", async () => {
    const { lines, words } = await spoken(() =>
      checkIntegralOverTraining(async (moments, images, target) => {
        let total: tf.Tensor = tf.zerosLike(images);
        for await (const model of moments) total = tf.tidy(() => tf.add(total, gradient(model, images, target)));
        return total;
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines.at(-1)).to.match(/leaves 4 tensors in memory/);
  });

  const mistakes: [string, IntegralOverTrainingFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 2 is not implemented yet/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing/],
    ["no training", (_, images) => tf.zerosLike(images), /No training: .*for await/],
    [
      "the images disposed of",
      async (moments, images, target) => {
        const map = await gathered(sum)(moments, images, target);
        images.dispose();
        return map;
      },
      /disposes of the images/,
    ],
    ["a mean", gathered((gradients) => tf.div(sum(gradients), gradients.length)), /Mean instead of sum/],
    [
      "all moments first",
      async (moments, images, target) => {
        const models: VisionModel[] = [];
        for await (const model of moments) models.push(model);
        return tf.tidy(() => sum(models.map((model) => gradient(model, images, target))));
      },
      /Too late: .*at once/,
    ],
    ["the last moment", gathered((gradients) => gradients[3].clone()), /Last moment only/],
    [
      "a return in the loop",
      async (moments, images, target) => {
        for await (const model of moments) return tf.tidy(() => gradient(model, images, target));
        return tf.zeros([1]);
      },
      /First moment only/,
    ],
    ["no first moment", gathered((gradients) => sum(gradients.slice(1))), /Off by one: the first moment is missing/],
    ["no last moment", gathered((gradients) => sum(gradients.slice(0, -1))), /Off by one: the last moment is missing/],
    [
      "the last moment twice",
      gathered((gradients) => sum([...gradients, gradients[3]])),
      /Off by one: the last moment counts twice/,
    ],
    [
      "the first moment twice",
      gathered((gradients) => sum([...gradients, gradients[0]])),
      /Off by one: the first moment counts twice/,
    ],
    ["the change", gathered((gradients) => tf.sub(gradients[3], gradients[0])), /Change instead of sum/],
    ["the opposite sign", gathered((gradients) => tf.neg(sum(gradients))), /Sign: .*opposite/],
    ["gradient × image", gathered((gradients, images) => tf.mul(images, sum(gradients))), /Gradient times image/],
    [
      "absolute values summed",
      gathered((gradients) => sum(gradients.map((each) => tf.abs(each)))),
      /Sign lost: you sum/,
    ],
    [
      "the absolute sum",
      gathered((gradients) => tf.abs(sum(gradients))),
      /Sign lost: you give the absolute value of the sum/,
    ],
    ["a batch summed", gathered((gradients) => tf.tile(tf.sum(sum(gradients), 0, true), [2, 1, 1, 1])), /Batch summed/],
    ["one map", gathered((gradients) => tf.sum(sum(gradients), 0, true)), /Shape: .*one map for all 2/],
    [
      "normalised maps",
      gathered((gradients) => tf.div(sum(gradients), tf.max(tf.abs(sum(gradients)), [1, 2, 3], true))),
      /Normalised: each map is divided by the largest/,
    ],
    [
      "the probability",
      gathered(
        sum,
        scored((model, x, target) => picked(model.probabilities(x), target)),
      ),
      /Probability instead of logit/,
    ],
    [
      "the loss",
      gathered(
        sum,
        scored((model, x, target) => tf.neg(picked(tf.logSoftmax(model.logits(x)), target))),
      ),
      /Loss instead of logit/,
    ],
    [
      "the predicted class",
      gathered(
        sum,
        scored((model, x) => tf.max(model.logits(x), 1)),
      ),
      /Wrong class: .*predicts at each moment/,
    ],
    [
      "the first target for all",
      gathered(
        sum,
        scored((model, x, target) =>
          picked(
            model.logits(x),
            target.map(() => target[0]),
          ),
        ),
      ),
      /Wrong class: .*first image's target/,
    ],
    [
      "all classes",
      gathered(
        sum,
        scored((model, x) => model.logits(x)),
      ),
      /All classes at once/,
    ],
    ["the squares", gathered((gradients) => sum(gradients.map((each) => tf.square(each)))), /none of the usual slips/],
    [
      "always four",
      gathered((gradients) => tf.mul(sum(gradients), 4 / gradients.length)),
      /with one image and two moments it is not\. Scale: every value is 2 times/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () =>
      void (await failsWith(() => checkIntegralOverTraining(implementation), words)));
  }

  it("leaves no tensors of its own when it fails", async () => {
    const before = tf.memory().numTensors;
    await failsWith(() => checkIntegralOverTraining(gathered((gradients) => tf.neg(sum(gradients)))), /Sign/);
    expect(tf.memory().numTensors).to.equal(before);
  });
});
