import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "vitrine";
import { checkContributions, checkFiniteDifference, checkMeanImage } from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

type Logits = (x: tf.Tensor4D) => tf.Tensor2D;

describe("checkMeanImage", () => {
  before(async () => void (await ready()));

  it("says what is right, and on what it is tried", async () => {
    const { lines, tried, words } = await spoken(() => checkMeanImage((images) => tf.mean(images, 0, true)));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(3);
    expect(tried).to.equal("· Tried on images of 2 × 1 × 3.");
  });
  const slips: [string, (images: tf.Tensor4D) => unknown, RegExp][] = [
    ["an image, not a batch", (x) => tf.mean(x, 0), /is an image; a batch of one image/],
    ["the mean of all", (x) => tf.mean(x), /mean of all values/],
    ["brightness", (x) => tf.mean(x, [1, 2, 3]), /one number for each image/],
    ["colours averaged", (x) => tf.mean(x, [0, 3], true), /colours were averaged/],
    ["the sum", (x) => tf.sum(x, 0, true), /Scale: this is the sum/],
    ["half of two", (x) => tf.div(tf.sum(x, 0, true), 2), /two images are averaged rightly, 201 are not/],
    ["another batch's size", (x) => tf.div(tf.sum(x, 0, true), 200), /sum divided by 200, and the batch has 2 images/],
    ["the first image", (x) => x.slice([0], [1]), /Only the first/],
    ["an array", (x) => tf.mean(x, 0, true).arraySync(), /returned an array, but a tensor.*Leave arraySync/],
    ["moments", (x) => tf.moments(x, 0, true), /a value of type object/],
    ["nothing", () => undefined, /`return` missing/],
    ["the sheet's size", (x) => tf.mean(x, 0).reshape([1, 28, 28, 1]), /Does your code say 28 × 28\?.*images\.shape/],
  ];
  for (const [name, yours, words] of slips)
    it(`names the mistake: ${name}`, () => failsWith(() => checkMeanImage(yours), words));

  it("an error keeps the frames of the student's code, and none of the check's own", async () => {
    const { stack } = await failsWith(() => checkMeanImage((x) => x.reshape([7])), /stopped with an error: reshape of/);
    expect(stack).to.match(/\n {4}at .*warm-up\.test\.ts:\d+/);
    expect(stack).to.not.match(/call-student|mean-image|marking/);
  });
});

describe("checkFiniteDifference", () => {
  before(async () => void (await ready()));

  const nudged = (image: tf.Tensor4D, row: number, column: number, by: number): tf.Tensor4D => {
    const copy = tf.buffer(image.shape, "float32", Float32Array.from(image.dataSync()));
    copy.set((copy.get(0, row, column, 0) as number) + by, 0, row, column, 0);
    return copy.toTensor() as tf.Tensor4D;
  };
  type Answer = (score: (by: number, scores?: (logits: tf.Tensor2D) => tf.Tensor) => number, h: number) => unknown;
  const written =
    (answer: Answer, change = nudged) =>
    (logits: Logits, image: tf.Tensor4D, row: number, column: number, target: number, h: number): unknown =>
      answer(
        (by, scores = (all) => all) =>
          (scores(logits(change(image, row, column, by))).arraySync() as number[][])[0][target],
        h,
      );
  const right: Answer = (score, h) => (score(h) - score(-h)) / (2 * h);

  it("says what is right", async () => {
    const { lines, words } = await spoken(() => checkFiniteDifference(written(right)));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(2);
  });
  const softly =
    (scores: (logits: tf.Tensor2D) => tf.Tensor): Answer =>
    (score, h) =>
      (score(h, scores) - score(-h, scores)) / (2 * h);
  const slips: [string, ReturnType<typeof written>, RegExp][] = [
    ["h for 2h", written((score, h) => (score(h) - score(-h)) / h), /twice too much/],
    ["a / 2 * h", written((score, h) => ((score(h) - score(-h)) / 2) * h), /Write `a \/ \(2 \* h\)`/],
    ["not divided", written((score, h) => score(h) - score(-h)), /Not divided/],
    ["the sign", written((score, h) => (score(-h) - score(h)) / (2 * h)), /Sign/],
    ["one side", written((score, h) => (score(h) - score(0)) / h), /One side only/],
    ["the other side", written((score, h) => (score(0) - score(-h)) / h), /One side only/],
    ["softmax", written(softly((all) => tf.softmax(all))), /Probability instead of logit/],
    ["log-softmax", written(softly((all) => tf.logSoftmax(all))), /Log-probability instead of logit/],
    ["exchanged", written(right, (x, row, column, by) => nudged(x, column, row, by)), /Rows and columns are exchanged/],
    ["every pixel", written(right, (x, _row, _column, by) => x.add(by) as tf.Tensor4D), /Whole image/],
    ["nothing changes", written(right, (x) => x), /^✗ 0: the two scores are the same/],
    ["no such pixel", written(right, (x, row, column, by) => nudged(x, row + 3, column, by)), /no such pixel/],
    ["a step of its own", written((score) => (score(0.01) - score(-0.01)) / 0.02), /Step: this is the derivative/],
    ["half a step", written((score, h) => (score(h / 2) - score(-h / 2)) / h), /Step: you go h\/2/],
    ["a tensor", () => tf.scalar(0.6), /a number, not a tensor of shape \[\]/],
    ["text", () => "0.60", /a value of type string/],
    ["NaN", () => NaN, /no number to compare/],
    ["nothing", () => undefined, /`return` missing/],
  ];
  for (const [name, yours, words] of slips)
    it(`names the mistake: ${name}`, () => failsWith(() => checkFiniteDifference(yours), words));
});

describe("checkContributions", () => {
  before(async () => void (await ready()));

  type Score = (logits: tf.Tensor2D, target: number) => tf.Tensor;
  const picked: Score = (all, target) => all.slice([0, target], [1, 1]);
  const written =
    (finish: (gradient: tf.Tensor, image: tf.Tensor4D) => unknown, score = picked) =>
    (logits: Logits, image: tf.Tensor4D, target: number): unknown =>
      finish(tf.grad((x) => tf.sum(score(logits(x as tf.Tensor4D), target)))(image), image);
  const times = (gradient: tf.Tensor, image: tf.Tensor4D): tf.Tensor => tf.mul(gradient, image);

  it("says what is right", async () => {
    const { lines, words } = await spoken(() => checkContributions(written(times)));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(2);
  });
  const slips: [string, ReturnType<typeof written>, RegExp][] = [
    ["the gradient", written((gradient) => gradient), /Image forgotten/],
    ["the image", (_, image) => image.clone(), /Gradient forgotten/],
    ["absolute values", written((gradient, image) => times(gradient, image).abs()), /Sign lost/],
    ["all logits", written(times, (all) => all), /sum of all logits/],
    ["the other class", written(times, (all, target) => picked(all, 1 - target)), /other class's logit/],
    ["softmax", written(times, (all, target) => picked(tf.softmax(all), target)), /Probability instead of logit/],
    ["log-softmax", written(times, (all, target) => picked(tf.logSoftmax(all), target)), /Log-probability/],
    ["added", written((gradient, image) => gradient.add(image)), /Sum instead of product/],
    ["summed up", written((gradient, image) => times(gradient, image).sum()), /Shape/],
    ["a function", (logits) => tf.grad((x) => logits(x as tf.Tensor4D).sum()), /tf\.grad\(f\) is a function, too/],
    [
      "value and gradient",
      (logits, image) => tf.valueAndGrad((x) => logits(x as tf.Tensor4D).sum())(image),
      /result\.grad/,
    ],
    [
      "other classes",
      written(times, (all) => all.mul(tf.oneHot([0], 1000))),
      /Does your code say 1000\?.*logits\.shape\[1\]/,
    ],
    ["nothing", () => undefined, /`return` missing/],
  ];
  for (const [name, yours, words] of slips)
    it(`names the mistake: ${name}`, () => failsWith(() => checkContributions(yours), words));
});
