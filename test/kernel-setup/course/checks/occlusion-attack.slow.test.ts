import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready, type VisionModel } from "vitrine";
import {
  checkOcclusionAttack,
  type AttackSettings,
  type OcclusionAttackFunction,
  type TopLeft,
} from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

interface Parts {
  places: (settings: AttackSettings) => TopLeft[];
  score: (model: VisionModel, images: tf.Tensor4D, predicted: number) => tf.Tensor;
  best: (scores: number[]) => number;
  startAgain: boolean;
  rankOnce: boolean;
  allowAgain: boolean;
  goOn: "until flipped" | "one more" | "to the limit" | "one too few";
  value: number;
  finish: (windows: TopLeft[]) => unknown;
}
const grid =
  (end: (s: AttackSettings) => number, step: (s: AttackSettings) => number) =>
  (settings: AttackSettings): TopLeft[] => {
    const places: TopLeft[] = [];
    for (let row = 0; row <= end(settings); row += step(settings)) {
      for (let column = 0; column <= end(settings); column += step(settings)) places.push([row, column]);
    }
    return places;
  };
const column = (scores: tf.Tensor, index: number): tf.Tensor => scores.slice([0, index], [-1, 1]);
const rightParts: Parts = {
  places: grid(
    (s) => 28 - s.window,
    (s) => s.stride,
  ),
  score: (model, images, predicted) => column(model.logits(images), predicted),
  best: (scores) => scores.indexOf(Math.min(...scores)),
  startAgain: false,
  rankOnce: false,
  allowAgain: false,
  goOn: "until flipped",
  value: 0,
  finish: (windows) => windows,
};

/** The attack as a student writes it, with some part written wrongly. */
const written =
  (wrong: Partial<Parts> = {}): OcclusionAttackFunction =>
  (model, image, settings) =>
    tf.tidy(() => {
      const { places, score, best, startAgain, rankOnce, allowAgain, goOn, value, finish } = {
        ...rightParts,
        ...wrong,
      };
      const predictedOf = (x: tf.Tensor4D): number => model.logits(x).argMax(1).dataSync()[0];
      const cover = (x: tf.Tensor4D, [row, left]: TopLeft): tf.Tensor4D => {
        const pixels = x.bufferSync();
        for (let r = row; r < Math.min(28, row + settings.window); r++) {
          for (let c = left; c < Math.min(28, left + settings.window); c++) pixels.set(value, 0, r, c, 0);
        }
        return tf.tensor4d(Float32Array.from(pixels.values), [1, 28, 28, 1]);
      };
      const predicted = predictedOf(image),
        all = places(settings),
        windows: TopLeft[] = [];
      let current = image,
        flippedBefore = false;
      while (windows.length < settings.maxSteps) {
        const free = all.filter((place) => allowAgain || !windows.includes(place));
        const tries = tf.concat(free.map((place) => cover(rankOnce ? image : current, place)));
        const chosen = free[best(Array.from(score(model, tries, predicted).dataSync()))];
        const next = cover(startAgain ? image : current, chosen);
        const flipped = predictedOf(next) !== predicted;
        if (flipped && goOn === "one too few") break;
        windows.push(chosen);
        if (!startAgain) current = next;
        if (flippedBefore || (flipped && goOn === "until flipped")) break;
        flippedBefore = flipped && goOn === "one more";
      }
      return finish(windows) as TopLeft[];
    });

describe("checkOcclusionAttack", () => {
  before(async () => void (await ready()));

  it("says what is right, and leaves no tensors", async () => {
    const before = tf.memory().numTensors;
    const { lines, words } = await spoken(() => checkOcclusionAttack(written()));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(5);
    for (const line of lines) expect(line).to.match(/^✓ /);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("mentions tensors left behind, without failing", async () => {
    const { lines, words } = await spoken(() =>
      checkOcclusionAttack((...args) => {
        tf.ones([2]);
        return written()(...args);
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines.at(-1)).to.match(/leaves 5 tensors in memory/);
  });

  const mistakes: [string, OcclusionAttackFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 3 is not implemented yet/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing/],
    ["a tensor", ((_: VisionModel, image: tf.Tensor4D) => image) as never, /list of windows/],
    ["numbers", written({ finish: (windows) => windows.flat() }), /\[row, column\], two integers/],
    ["no window", written({ finish: () => [] }), /no window at all/],
    ["the highest logit", written({ best: (scores) => scores.indexOf(Math.max(...scores)) }), /^✗ Sign: /],
    [
      "the probability",
      written({ score: (model, images, predicted) => column(model.probabilities(images), predicted) }),
      /Probability instead of logit/,
    ],
    [
      "the largest logit",
      written({ score: (model, images) => model.logits(images).max(1) }),
      /Wrong class: .*largest logit/,
    ],
    ["class 0", written({ score: (model, images) => column(model.logits(images), 0) }), /Wrong class: .*class 0/],
    ["ranked once", written({ rankOnce: true }), /Ranked once/],
    ["started again", written({ startAgain: true }), /Not kept/],
    ["taken again", written({ allowAgain: true }), /Repeated window: you took \[\d+, \d+\] twice/],
    [
      "taken again, the last of equals",
      written({ allowAgain: true, best: (scores) => scores.lastIndexOf(Math.min(...scores)) }),
      /Repeated window: you took \[\d+, \d+\] twice/,
    ],
    [
      "last place missing",
      written({
        places: grid(
          (s) => 28 - s.window - 1,
          (s) => s.stride,
        ),
      }),
      /Edge: the last place/,
    ],
    [
      "window over the edge",
      written({
        places: grid(
          () => 27,
          (s) => s.stride,
        ),
        best: (scores) => scores.length - 1,
      }),
      /Edge: the window at .*sticks out/,
    ],
    [
      "stride of the window",
      written({
        places: grid(
          (s) => 28 - s.window,
          (s) => s.window,
        ),
      }),
      /Stride: /,
    ],
    [
      "stride of one pixel",
      written({
        places: grid(
          (s) => 28 - s.window,
          () => 1,
        ),
      }),
      /Stride: there is no window at/,
    ],
    ["one window too many", written({ goOn: "one more" }), /Stops too late/],
    ["to the limit", written({ goOn: "to the limit" }), /Does not stop/],
    ["one window too few", written({ goOn: "one too few" }), /Stops too early/],
    [
      "the same window again",
      written({ allowAgain: true, best: () => 3 }),
      /Repeated window: you took \[0, 15\] twice/,
    ],
    ["set to 1", written({ value: 1 }), /Value: .*set pixels to 1/],
    ["row and column swapped", written({ finish: (windows) => windows.map(([row, left]) => [left, row]) }), /swapped/],
    ["in the opposite order", written({ finish: (windows) => windows.reverse() }), /Order: /],
    [
      "some other window",
      written({ best: (scores) => scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b])[1] }),
      /Another window: .*already the first/,
    ],
    [
      "limit ignored",
      (model, image, settings) => written()(model, image, { ...settings, maxSteps: 8 }),
      /Limit: you took .* allowed 2/,
    ],
    [
      "the image disposed of",
      (model, image, settings) => {
        const windows = written()(model, image, settings);
        image.dispose();
        return windows;
      },
      /disposes of the image/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () => {
      await failsWith(() => checkOcclusionAttack(implementation), words);
    });
  }
});
