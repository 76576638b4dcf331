import * as tf from "@tensorflow/tfjs";
import { ready } from "vitrine";
import { begin, callStudent, failed, passed, type Loosely } from "./call-student";
import { described } from "./maps";

/**
 * What the student writes: the central difference of a logit when one pixel of a grey image changes by `h` either way.
 * @param logits [batch, height, width, 1] → [batch, classes]
 * @param image a batch of one
 */
export type FiniteDifferenceFunction = (
  logits: (x: tf.Tensor) => tf.Tensor2D,
  image: tf.Tensor4D,
  row: number,
  column: number,
  target: number,
  h: number,
) => number | Promise<number>;

/** As many rows as columns, so that exchanging the two is no error but another pixel. */
const side = 3,
  pixels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  row = 0,
  column = 2;
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The two scores, whose differences anybody can work out: the sum of all squares, and the sum of all cubes. */
const scores = (values: readonly number[]): number[] => [2, 3].map((power) => total(values.map((x) => x ** power)));
const asLogits = (x: tf.Tensor): tf.Tensor2D =>
  tf.tidy(
    () =>
      tf.stack(
        [2, 3].map((power) => tf.sum(tf.pow(x, power), [1, 2, 3])),
        1,
      ) as tf.Tensor2D,
  );

type Score = (values: readonly number[]) => number;
const nudged = (at: number, by: number): number[] => pixels.map((value, i) => (i === at ? value + by : value));
const softmax = (values: readonly number[], target: number): number =>
  Math.exp(scores(values)[target]) / total(scores(values).map(Math.exp));

/** The central difference by hand, and what usual slips give in its place, with the words for them. */
function answers(target: number, h: number): { right: number; slips: (readonly [value: number, words: string])[] } {
  const at = row * side + column,
    other = 1 - target;
  const score: Score = (values) => scores(values)[target];
  const change = (of: Score, pixel = at): number => of(nudged(pixel, h)) - of(nudged(pixel, -h));
  const central = (of: Score, pixel = at): number => change(of, pixel) / (2 * h);
  const right = central(score);
  const derivative = [2 * pixels[at], 3 * pixels[at] ** 2][target];
  const halfStep = (score(nudged(at, h / 2)) - score(nudged(at, -h / 2))) / h;
  return {
    right,
    slips: [
      [-right, "Sign: first the score at x + h, then the one at x − h."],
      [2 * right, "Scale: twice too much. From x − h to x + h it is 2h."],
      [right / 2, "Scale: half of what it should be. From x − h to x + h it is 2h; divide by that once."],
      [change(score), "Not divided: this is the difference of the two scores. Divide it by 2h."],
      [(change(score) / 2) * h, "Order: `a / 2 * h` is half of a, times h. Write `a / (2 * h)`."],
      [
        (score(nudged(at, h)) - score(pixels)) / h,
        "One side only: you compare with the score at x. The central difference takes x + h and x − h.",
      ],
      [
        (score(pixels) - score(nudged(at, -h))) / h,
        "One side only: you compare with the score at x. The central difference takes x + h and x − h.",
      ],
      [
        central(score, column * side + row),
        "Rows and columns are exchanged: the pixel is at [row, column], in this order.",
      ],
      [
        central((values) => softmax(values, target)),
        "Probability instead of logit: there is a softmax in it. The score asked for is the logit, as " +
          "`logits` gives it.",
      ],
      [
        central((values) => Math.log(softmax(values, target))),
        "Log-probability instead of logit: there is a log-softmax in it. The score asked for is the logit itself.",
      ],
      [
        central((values) => scores(values)[other]),
        "Class: this is the other class's score. Take the one that `target` names.",
      ],
      [
        central((values) => total(scores(values))),
        "Class: this is the sum of all logits. Take the one that `target` names.",
      ],
      [
        total([-h, h].map((by) => Math.sign(by) * score(pixels.map((value) => value + by)))) / (2 * h),
        "Whole image: you change every pixel. Only the one at [row, column] is to change: nudged(image, " +
          "row, column, h).",
      ],
      ...(target === 1
        ? ([
            [
              derivative,
              "Step: this is the derivative itself, from tf.grad or with a step of your own. The step is " +
                "`h`, however " +
                "large.",
            ],
            [halfStep, "Step: you go h/2 either way. It is h either way."],
          ] as const)
        : []),
      [
        0,
        "0: the two scores are the same. Is it the changed image that you give to `logits`, once with h and " +
          "once with −h?",
      ],
    ],
  };
}

/**
 * Says in words whether a central difference is right, and if not, what is wrong.
 * @throws CheckFailed with the words
 */
export async function checkFiniteDifference(yours: Loosely<FiniteDifferenceFunction>): Promise<void> {
  await ready();
  const tried = { classes: 2, shape: [side, side, 1] };
  begin(tried);
  const image = tf.tensor4d(pixels, [1, side, side, 1]);
  const cases = [
    { target: 0, h: 0.2, name: "the sum of all squares", says: "Difference: right for a sum of squares." },
    {
      target: 1,
      h: 0.5,
      name: "the sum of all cubes",
      says: "Class and step: right for a sum of cubes, with a step of 0.5.",
    },
  ];
  try {
    for (const { target, h, name, says } of cases) {
      const got = await callStudent("Task 2", () => yours(asLogits, image, row, column, target, h), {
        tried,
        explain: (message) =>
          /out of range element/.test(message)
            ? "There is no such pixel. nudged takes the image, then row, column, and by how much, in this order."
            : undefined,
      });
      if (image.isDisposed) failed("Your function disposes of the image that it was given: whoever called needs it.");
      numberMistake(got);
      const { right, slips } = answers(target, h);
      const is = (wanted: number): boolean => Math.abs((got as number) - wanted) < 1e-3 * Math.abs(right);
      if (!is(right)) {
        const slip = slips.find(([value]) => is(value));
        failed(
          slip?.[1] ??
            `For ${name} of the image 0.1 0.2 0.3 / 0.4 0.5 0.6 / 0.7 0.8 0.9 your result at row ${row}, column ` +
              `${column} with h = ${h} is ${Number((got as number).toPrecision(4))}; by hand it is ` +
              `${Number(right.toPrecision(4))}.`,
        );
      }
      passed(says);
    }
  } finally {
    image.dispose();
  }
}

function numberMistake(got: unknown): void {
  if (got === undefined || got === null) failed("Your function returned nothing. Is the `return` missing?");
  if (got instanceof tf.Tensor)
    failed(
      `Your function must return a number, not a tensor of shape [${(got as tf.Tensor).shape.join(", ")}]: ` +
        `arraySync() takes numbers out of one.`,
    );
  if (typeof got !== "number") failed(`Your function must return a number; it returned ${described(got)}.`);
  if (!Number.isFinite(got))
    failed(`Your result is ${String(got)}, which is no number to compare. Look for a division by 0.`);
}
