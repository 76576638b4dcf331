import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import { checkFgsm, checkNormedGradient, type GradientStepFunction } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

interface Parts {
  score: (model: VisionModel, x: tf.Tensor4D, labels: number[]) => tf.Tensor;
  step: (gradient: tf.Tensor) => tf.Tensor;
  finish: (stepped: tf.Tensor, images: tf.Tensor) => tf.Tensor;
}
const picked = (scores: tf.Tensor2D, labels: number[]): tf.Tensor =>
  tf.sum(tf.mul(scores, tf.oneHot(tf.tensor1d(labels, "int32"), 10)));
const right = {
  score: (model: VisionModel, x: tf.Tensor4D, labels: number[]) =>
    tf.neg(picked(tf.logSoftmax(model.logits(x)), labels)),
  finish: (x: tf.Tensor) => tf.clipByValue(x, 0, 1),
};
const root = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), [1, 2, 3], true));
const length = (g: tf.Tensor): tf.Tensor => tf.div(g, root(g));

/** A step as a student writes it, with some part written wrongly. */
const written =
  (step: Parts["step"], wrong: Partial<Parts> = {}): GradientStepFunction =>
  (model, images, labels, size) =>
    tf.tidy(() => {
      const parts = { ...right, step, ...wrong };
      const gradient = tf.grad((x: tf.Tensor) => parts.score(model, x as tf.Tensor4D, labels))(images);
      return parts.finish(tf.add(images, tf.mul(parts.step(gradient), size)), images);
    });

const shared: [string, (step: Parts["step"]) => GradientStepFunction, RegExp][] = [
  ["nothing returned", () => (() => undefined) as never, /returned nothing/],
  ["numbers", () => (() => [1, 2]) as never, /returned an array, but a tensor is asked for/],
  [
    "a disposed tensor",
    () => (_, images) => {
      const x = tf.clone(images);
      x.dispose();
      return x;
    },
    /already been disposed/,
  ],
  [
    "one image",
    (step) => (model, images, labels, size) =>
      tf.tidy(() => tf.slice(written(step)(model, images, labels, size) as tf.Tensor, 0, 1)),
    /^✗ Shape: your result is \[1, 10, 12, 3\]/,
  ],
  ["the images", () => (_, images) => tf.clone(images), /nothing is added/],
  [
    "the images disposed of",
    (step) => (model, images, labels, size) => {
      const x = written(step)(model, images, labels, size);
      images.dispose();
      return x;
    },
    /disposes of the images/,
  ],
  ["NaN", (step) => written(step, { finish: (x) => tf.mul(x, NaN) }), /not numbers/],
  ["downhill", (step) => written(step, { score: (...args) => tf.neg(right.score(...args)) }), /^✗ Sign: /],
  [
    "the logit upward",
    (step) => written(step, { score: (model, x, labels) => picked(model.logits(x), labels) }),
    /Score: you follow the gradient of the label's logit upward/,
  ],
  [
    "the logit downward",
    (step) => written(step, { score: (model, x, labels) => tf.neg(picked(model.logits(x), labels)) }),
    /Score: you lower the label's logit/,
  ],
  [
    "the predicted class",
    (step) =>
      written(step, { score: (model, x) => right.score(model, x, Array.from(model.logits(x).argMax(1).dataSync())) }),
    /Class: .*predicts/,
  ],
  [
    "the first label for all",
    (step) =>
      written(step, {
        score: (model, x, labels) =>
          right.score(
            model,
            x,
            labels.map(() => labels[0]),
          ),
      }),
    /Class: .*first image's label/,
  ],
  ["not cut", (step) => written(step, { finish: (x) => x }), /Not cut: /],
  [
    "cut elsewhere",
    (step) => written(step, { finish: (x) => tf.clipByValue(x, -0.01, 1.02) }),
    /Range: your images have values from/,
  ],
  ["the step alone", (step) => written(step, { finish: (x, images) => tf.sub(x, images) }), /Image forgotten/],
  [
    "another size",
    (step) => (model, images, labels, size) => written(step)(model, images, labels, 1.3 * size),
    /none of the usual slips/,
  ],
  [
    "only the first image",
    (step) => (model, images, labels, size) =>
      tf.tidy(() =>
        tf.concat([tf.slice(written(step)(model, images, labels, size) as tf.Tensor4D, 0, 1), tf.slice(images, 1)]),
      ),
    /Batch: image 1 of 3 is right/,
  ],
  [
    "a size of its own",
    (step) => (model, images, labels) => written(step)(model, images, labels, step === length ? 0.8 : 0.05),
    /^✗ With .* your result was right; with/,
  ],
];

const kinds: {
  name: string;
  check: (yours: GradientStepFunction) => Promise<void>;
  step: Parts["step"];
  task: string;
  own: [string, Parts["step"], RegExp][];
}[] = [
  {
    name: "checkFgsm",
    check: checkFgsm,
    step: tf.sign,
    task: "Task 2",
    own: [
      ["the gradient itself", (g) => g, /Sign forgotten/],
      ["the normed gradient", length, /Normed gradient: /],
    ],
  },
  {
    name: "checkNormedGradient",
    check: checkNormedGradient,
    step: length,
    task: "Task 3",
    own: [
      ["the length of the whole batch", (g) => tf.div(g, tf.norm(tf.reshape(g, [-1]))), /^✗ Batch: /],
      ["the largest value", (g) => tf.div(g, tf.max(tf.abs(g), [1, 2, 3], true)), /Norm: .*largest/],
      ["the sum of absolute values", (g) => tf.div(g, tf.sum(tf.abs(g), [1, 2, 3], true)), /Norm: .*sum of absolute/],
      ["the sum of squares", (g) => tf.div(g, tf.sum(tf.square(g), [1, 2, 3], true)), /Norm: .*root is missing/],
      [
        "the mean of squares",
        (g) => tf.div(g, tf.sqrt(tf.mean(tf.square(g), [1, 2, 3], true))),
        /Norm: .*mean of squares/,
      ],
      ["no norm", (g) => g, /Length forgotten/],
      ["the sign", tf.sign, /Sign: .*task before/],
    ],
  },
];

for (const { name, check, step, task, own } of kinds) {
  describe(name, () => {
    before(async () => void (await ready()));

    it("says what is right, and leaves no tensors", async () => {
      const before = tf.memory().numTensors;
      const { lines, words } = await spoken(() => check(written(step)));
      expect(words).to.equal(undefined);
      expect(lines).to.have.length(4);
      for (const line of lines) expect(line).to.match(/^✓ /);
      expect(tf.memory().numTensors).to.equal(before);
    });

    it("mentions tensors left behind, without failing", async () => {
      const { lines, words } = await spoken(() =>
        check((...args) => {
          tf.ones([2]);
          return written(step)(...args);
        }),
      );
      expect(words).to.equal(undefined);
      expect(lines.at(-1)).to.match(/leaves 1 tensors in memory/);
    });

    it("names the mistake: the stub", async () => {
      await failsWith(
        () =>
          check(() => {
            throw new Error("not implemented");
          }),
        new RegExp(`${task} is not implemented yet`),
      );
    });
    for (const [mistake, make, words] of shared)
      it(`names the mistake: ${mistake}`, async () => void (await failsWith(() => check(make(step)), words)));
    for (const [mistake, wrong, words] of own)
      it(`names the mistake: ${mistake}`, async () => void (await failsWith(() => check(written(wrong)), words)));
  });
}
