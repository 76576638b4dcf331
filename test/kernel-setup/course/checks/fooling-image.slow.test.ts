import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkFoolingImage, type FoolingFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

interface Parts {
  score: (model: VisionModel, x: tf.Tensor4D, target: number) => tf.Tensor;
  toward: 1 | -1;
  size: (g: tf.Tensor) => tf.Tensor;
  std: "both" | "gradient" | "step" | "none";
  goOn: "until reached" | "one more" | "to the limit";
  again: boolean;
  finish: (x: tf.Tensor4D) => tf.Tensor4D;
  count: number;
}
const column = (scores: tf.Tensor, index: number): tf.Tensor => tf.slice(scores, [0, index], [-1, 1]);
const predicted = (model: VisionModel, x: tf.Tensor4D): number =>
  model
    .logits(tf.clipByValue(x, 0, 1) as tf.Tensor4D)
    .argMax(1)
    .dataSync()[0];
const right: Parts = {
  score: (model, x, target) => column(model.logits(x), target),
  toward: 1,
  size: (g) => tf.norm(tf.reshape(g, [-1])),
  std: "both",
  goOn: "until reached",
  again: false,
  finish: (x) => tf.clipByValue(x, 0, 1),
  count: 0,
};

/** The ascent as a student writes it, with some part written wrongly. */
const written =
  (wrong: Partial<Parts> = {}): FoolingFunction =>
  (model, image, target, { learningRate, maxSteps, std }) => {
    const parts = { ...right, ...wrong };
    let steps = 0;
    const made = tf.tidy(() => {
      const deviation = tf.tensor1d(std);
      let x = image,
        late = false;
      for (; steps < maxSteps; steps++) {
        const there = predicted(model, x) === target;
        if (parts.goOn !== "to the limit" && there && (parts.goOn === "until reached" || late)) break;
        late = there;
        const raw = tf.grad((at: tf.Tensor) => tf.sum(parts.score(model, at as tf.Tensor4D, target)))(x);
        const g = parts.std === "both" || parts.std === "gradient" ? tf.mul(raw, deviation) : raw;
        const step = tf.mul(tf.div(g, parts.size(g)), parts.toward * learningRate);
        x = tf.add(
          parts.again ? image : x,
          parts.std === "both" || parts.std === "step" ? tf.mul(step, deviation) : step,
        );
      }
      return parts.finish(x);
    });
    return { image: made, steps: steps + parts.count };
  };

describe("checkFoolingImage", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkFoolingImage(written()));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(4);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(Number(/after (\d+) steps/.exec(lines[0])![1]), "long enough to show a slip").to.be.within(4, 40);
    expect(lines[3]).to.match(/^✓ Start: 0 steps/);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("mentions tensors left behind, without failing", async () => {
    const { lines, words } = await spoken(() =>
      checkFoolingImage((...args) => {
        tf.ones([2]);
        return written()(...args);
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines.at(-1)).to.match(/leaves 3 tensors in memory/);
  });

  const mistakes: [string, FoolingFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 1 is not implemented yet/,
    ],
    ["nothing returned", (() => undefined) as never, /two parts: \{ image, steps \}/],
    [
      "the image alone",
      ((_: VisionModel, image: tf.Tensor4D) => tf.clone(image)) as never,
      /two parts: \{ image, steps \}/,
    ],
    [
      "no number of steps",
      (async (...args: Parameters<FoolingFunction>) => ({ ...(await written()(...args)), steps: undefined })) as never,
      /`steps` must be a whole number/,
    ],
    ["a step too many in the count", written({ count: 1 }), /Your image is right, but/],
    [
      "the image disposed of",
      (model, image, target, settings) => {
        const made = written()(model, image, target, settings);
        image.dispose();
        return made;
      },
      /disposes of the image/,
    ],
    ["the image as it was", (_, image) => ({ image: tf.clone(image), steps: 0 }), /nothing was added/],
    ["downhill", written({ toward: -1 }), /^✗ Sign: /],
    [
      "the probability",
      written({ score: (model, x, target) => column(model.probabilities(x), target) }),
      /Probability instead of logit/,
    ],
    [
      "the predicted class",
      written({ score: (model, x) => column(model.logits(x), model.logits(x).argMax(1).dataSync()[0]) }),
      /Wrong class/,
    ],
    ["the gradient itself", written({ size: () => tf.scalar(1) }), /Length: .*gradient itself/],
    ["the largest value", written({ size: (g) => tf.max(tf.abs(g)) }), /Length: .*largest/],
    ["no root", written({ size: (g) => tf.sum(tf.square(g)) }), /Length: .*root is missing/],
    ["std forgotten", written({ std: "none" }), /`std` is missing/],
    ["std in the gradient only", written({ std: "gradient" }), /but not the step/],
    ["std in the step only", written({ std: "step" }), /but not the gradient/],
    ["one step too many", written({ goOn: "one more" }), /Stops too late/],
    ["to the limit", written({ goOn: "to the limit" }), /Does not stop/],
    ["begun again", written({ again: true }), /Not kept/],
    ["not cut", written({ finish: (x) => tf.clone(x) }), /^✗ Range: /],
    [
      "limit ignored",
      (model, image, target, settings) => written()(model, image, target, { ...settings, maxSteps: 60 }),
      /^✗ With maxSteps 2: You took/,
    ],
    [
      "half steps",
      (model, image, target, settings) => written()(model, image, target, { ...settings, learningRate: 0.15 }),
      /You took \d+ steps; the ascent by hand takes/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () =>
      void (await failsWith(() => checkFoolingImage(implementation), words)));
  }
});
