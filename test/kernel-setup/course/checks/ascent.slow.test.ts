import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "vitrine";
import {
  checkAscentRun,
  checkAscentStep,
  checkRoll,
  type AscentRunFunction,
  type AscentSettings,
  type AscentStepFunction,
  type LogitsFunction,
  type RollFunction,
} from "../../../../kernel-setup/course/checks";
import { failsWith, spoken } from "./spoken";

const picked = (scores: tf.Tensor, target: number[]): tf.Tensor => tf.sum(tf.mul(scores, tf.oneHot(target, 10)), 1);
const squares = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(x), [1, 2, 3]);
const length = (g: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(g), [1, 2, 3], true));

interface Parts {
  score?: (logits: LogitsFunction, x: tf.Tensor4D, target: number[]) => tf.Tensor;
  penalty?: (x: tf.Tensor) => tf.Tensor;
  norm?: (g: tf.Tensor) => tf.Tensor | number;
  end?: (x: tf.Tensor4D, step: tf.Tensor) => tf.Tensor;
}

/** A right step, or one with a part exchanged. */
const step =
  ({
    score = (logits, x, target) => picked(logits(x), target),
    penalty = squares,
    norm = length,
    end = (x, by) => tf.add(x, by),
  }: Parts = {}): AscentStepFunction =>
  (logits, x, target, { learningRate, l2 }: AscentSettings) =>
    tf.tidy(() => {
      const gradient = tf.grad((at) =>
        tf.sum(tf.sub(score(logits, at as tf.Tensor4D, target), tf.mul(l2, penalty(at)))),
      )(x);
      return end(x, tf.mul(learningRate, tf.div(gradient, norm(gradient))));
    });

const roll: RollFunction = (x, down, right) =>
  tf.tidy(() => {
    const [, height, width] = x.shape,
      row = ((-down % height) + height) % height,
      column = ((-right % width) + width) % width;
    const once = tf.concat([x.slice([0, row]), x.slice([0, 0], [-1, row])], 1);
    return tf.concat([once.slice([0, 0, column]), once.slice([0, 0, 0], [-1, -1, column])], 2);
  });

interface RunParts {
  back?: number;
  skipRoll?: boolean;
  shift?: (t: number) => number;
  swap?: boolean;
  blurs?: (t: number, every: number) => boolean;
  clamp?: boolean;
  blurFirst?: boolean;
  count?: (n: number) => number;
  down?: number;
}
const run =
  ({
    back = -1,
    skipRoll,
    shift = (t) => t,
    swap,
    blurs = (t, every) => t % every === 0,
    clamp = true,
    blurFirst,
    count = (n) => n,
  }: RunParts = {}): AscentRunFunction =>
  (logits, start, target, settings, tools) =>
    tf.tidy(() => {
      let x = start as tf.Tensor4D;
      for (let t = 0; t < count(settings.shifts.length); t++) {
        const [a, b] = settings.shifts[shift(t) % settings.shifts.length],
          [down, right] = skipRoll ? [0, 0] : swap ? [b, a] : [a, b];
        x = step()(logits, roll(x, down, right) as tf.Tensor4D, target, settings) as tf.Tensor4D;
        x = roll(x, back * down, back * right) as tf.Tensor4D;
        if (blurFirst && blurs(t, settings.blurEvery)) x = tools.blur(x);
        if (clamp) x = tools.clamp(x);
        if (!blurFirst && blurs(t, settings.blurEvery)) x = tools.blur(x);
      }
      return x.clone();
    });

/** Right answers pass, leave no tensors, and note those left behind; wrong ones are named. */
function suite<F extends (...args: never[]) => unknown>(
  name: string,
  check: (yours: F) => Promise<void>,
  right: F,
  lines: number,
  mistakes: readonly [string, F, RegExp][],
): void {
  describe(name, () => {
    before(async () => void (await ready()));

    it("says what is right, and leaves no tensors", async () => {
      const before = tf.memory().numTensors;
      const said = await spoken(() => check(right));
      expect(said.words).to.equal(undefined);
      expect(said.lines).to.have.length(lines);
      for (const line of said.lines) expect(line).to.match(/^✓ /);
      expect(tf.memory().numTensors).to.equal(before);
    });
    it("takes an async function, and mentions tensors left behind without failing", async () => {
      const leaking = (async (...args: Parameters<F>) => {
        tf.ones([2]);
        return right(...args);
      }) as unknown as F;
      const said = await spoken(() => check(leaking));
      expect(said.words).to.equal(undefined);
      expect(said.lines.at(-1)).to.match(/leaves \d+ tensors in memory/);
    });
    for (const [what, wrong, words] of mistakes) {
      it(`names the mistake: ${what}`, async () => {
        const error = await failsWith(() => check(wrong), words);
        expect(error.stack).to.not.match(/checks\/(ascent|roll)/);
      });
    }
  });
}

const stub = (() => {
  throw new Error("not implemented");
}) as never;
const values = (x: tf.Tensor): number => x.size / x.shape[0];

suite<AscentStepFunction>("checkAscentStep", checkAscentStep, step(), 5, [
  ["the stub", stub, /Task 1 is not implemented yet/],
  ["nothing returned", (() => undefined) as never, /returned nothing/],
  ["the step alone", step({ end: (_, by) => by }), /Step only/],
  ["descent", step({ end: (x, by) => tf.sub(x, by) }), /Direction: you go down/],
  ["no norm", step({ norm: () => 1 }), /No norm/],
  ["the norm of the batch", step({ norm: (g) => tf.sqrt(tf.sum(tf.square(g))) }), /Norm: .*whole batch/],
  ["the L1 norm", step({ norm: (g) => tf.sum(tf.abs(g), [1, 2, 3], true) }), /Norm: .*absolute values/],
  ["the maximum norm", step({ norm: (g) => tf.max(tf.abs(g), [1, 2, 3], true) }), /Norm: .*largest absolute value/],
  ["no root", step({ norm: (g) => tf.square(length(g)) }), /root is missing/],
  ["the root mean square", step({ norm: (g) => tf.sqrt(tf.mean(tf.square(g), [1, 2, 3], true)) }), /\*mean\*/],
  ["no regularizer", step({ penalty: (x) => tf.mul(0, squares(x)) }), /Regularizer: λ‖x‖² is missing/],
  ["half of it", step({ penalty: (x) => tf.mul(0.5, squares(x)) }), /factor of 2/],
  ["added instead of taken off", step({ penalty: (x) => tf.neg(squares(x)) }), /taken off/],
  ["the norm instead of its square", step({ penalty: (x) => tf.sqrt(squares(x)) }), /Its square/],
  ["the mean square", step({ penalty: (x) => tf.div(squares(x), values(x)) }), /mean of squares/],
  ["a mean over the batch", step({ penalty: (x) => tf.div(squares(x), x.shape[0]) }), /mean of ‖x‖² over the batch/],
  [
    "the probability",
    step({ score: (logits, x, target) => picked(tf.softmax(logits(x)), target) }),
    /Probability instead of logit/,
  ],
  [
    "the log-probability",
    step({ score: (logits, x, target) => picked(tf.logSoftmax(logits(x)), target) }),
    /Log-probability/,
  ],
  ["the predicted class", step({ score: (logits, x) => tf.max(logits(x), 1) }), /Wrong class: .*predicts/],
  [
    "the first target for all",
    step({
      score: (logits, x, target) =>
        picked(
          logits(x),
          target.map(() => target[0]),
        ),
    }),
    /Wrong class: .*first image's/,
  ],
  ["twice as far", step({ end: (x, by) => tf.add(x, tf.mul(2, by)) }), /Length: .*2, 2, 2 times as far/],
  [
    "η ignored",
    (logits, x, target, settings) => step()(logits, x, target, { ...settings, learningRate: 2 }),
    /With η = 0\.7 and λ = 0\.4 it is not|with η = 0\.7 and λ = 0\.4 it is not/,
  ],
  ["no step", (_, x) => x.clone(), /Nothing moves/],
  ["NaN", step({ norm: () => 0 }), /not numbers/],
  ["something else", step({ end: (x, by) => tf.add(x, tf.reverse(by, 1)) }), /none of the usual slips/],
  [
    "the given images disposed of",
    (logits, x, target, settings) => {
      const after = step()(logits, x, target, settings);
      x.dispose();
      return after;
    },
    /disposes of the images/,
  ],
  ["one image for all", step({ end: (x, by) => tf.mean(tf.add(x, by), 0, true) }), /Shape: /],
]);

suite<RollFunction>("checkRoll", checkRoll, roll, 4, [
  ["the stub", stub, /Task 2 is not implemented yet/],
  ["the other way", (x, down, right) => roll(x, -down, -right), /the other way/],
  ["exchanged", (x, down, right) => roll(x, right, down), /exchanged/],
  ["down only", (x, down) => roll(x, down, 0), /down only/],
  ["right only", (x, _, right) => roll(x, 0, right), /to the right only/],
  ["one the wrong way", (x, down, right) => roll(x, down, -right), /one of the two directions/],
  ["nothing", (x) => x.clone(), /nothing moves/],
  ["the same tensor", (x) => x, /very tensor/],
  [
    "zeros come in",
    (x, down, right) =>
      tf.tidy(() => {
        const [, height, width] = x.shape,
          pads: [number, number][] = [
            [0, 0],
            [Math.max(0, down), Math.max(0, -down)],
            [Math.max(0, right), Math.max(0, -right)],
            [0, 0],
          ];
        return tf.pad(x, pads).slice([0, Math.max(0, -down), Math.max(0, -right), 0], [-1, height, width, -1]);
      }),
    /must come in on the other/,
  ],
  [
    "negative numbers forgotten",
    (x, down, right) => roll(x, Math.max(0, down), Math.max(0, right)),
    /With down -2 and right -5: nothing moves/,
  ],
  [
    "larger shifts cut off",
    (x, down, right) => roll(x, Math.sign(down) * Math.min(9, Math.abs(down)), right),
    /With down 13.*larger than the image, here 10 × 12/,
  ],
  ["mirrored", (x) => tf.reverse(x, [1, 2]), /not those asked for/],
  ["a map", (x) => tf.tidy(() => x.mean(3)), /Shape: /],
]);

suite<AscentRunFunction>("checkAscentRun", checkAscentRun, run(), 3, [
  ["the stub", stub, /Task 3 is not implemented yet/],
  ["not rolled back", run({ back: 0 }), /do not roll back/],
  ["rolled on", run({ back: 1 }), /same way again/],
  ["not rolled", run({ skipRoll: true }), /do not roll at all/],
  ["the first shift for all", run({ shift: () => 0 }), /first shift at every/],
  ["down and right exchanged", run({ swap: true }), /exchange the two/],
  ["no blur", run({ blurs: () => false }), /do not blur/],
  ["blur always", run({ blurs: () => true }), /blur at every iteration/],
  ["blur from 1 on", run({ blurs: (t, every) => (t + 1) % every === 0 }), /wrong iterations|do not blur/],
  ["no clamp", run({ clamp: false }), /do not clamp/],
  ["blur, then clamp", run({ blurFirst: true }), /before you clamp|clamp/],
  ["one too many", run({ count: (n) => n + 1 }), /one iteration too many/],
  ["one too few", run({ count: (n) => n - 1 }), /one iteration too few|those it began with/],
  [
    "the start disposed of",
    (logits, start, ...rest) => {
      const after = run()(logits, start, ...rest);
      start.dispose();
      return after;
    },
    /begin with start\.clone/,
  ],
  ["the start returned", (_, start) => start.clone(), /those it began with/],
  [
    "another recipe",
    (logits, start, target, settings, tools) => run()(logits, start, target, { ...settings, l2: 3 }, tools),
    /none of the usual slips/,
  ],
]);
