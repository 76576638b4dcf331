import * as tf from "@tensorflow/tfjs";
import { ready } from "vitrine";
import { begin, callStudent, failed, passed, type Loosely } from "./call-student";
import { mapsOf } from "./maps";

/**
 * What the student writes: gradient × input of a logit for one image.
 * @param logits [batch, height, width, channels] → [batch, classes]
 * @param image a batch of one
 * @returns in the image's shape, signed
 */
export type ContributionsFunction = (
  logits: (x: tf.Tensor) => tf.Tensor2D,
  image: tf.Tensor4D,
  target: number,
) => tf.Tensor | Promise<tf.Tensor>;

type Pair = readonly [number, number];
const pixels: Pair = [1.5, 0.5];

/** Logit 0: x₁ − 2x₂, logit 1: x₁² + 3x₂, and their derivatives. */
const asLogits = (x: tf.Tensor): tf.Tensor2D => {
  const [a, b] = tf.split(tf.reshape(x, [2]), 2);
  return tf.concat([tf.sub(a, tf.mul(2, b)), tf.add(tf.square(a), tf.mul(3, b))]).reshape([1, 2]) as tf.Tensor2D;
};
const values = [pixels[0] - 2 * pixels[1], pixels[0] ** 2 + 3 * pixels[1]];
const slopes: readonly Pair[] = [
  [1, -2],
  [2 * pixels[0], 3],
];
const names = ["x₁ − 2x₂", "x₁² + 3x₂"];

/** What usual slips give in place of the contributions, with the words for them. */
function slips(target: number): (readonly [map: readonly number[], words: string])[] {
  const slope = slopes[target],
    other = slopes[1 - target];
  const times = (of: readonly number[]): number[] => of.map((value, i) => value * pixels[i]);
  const exps = values.map(Math.exp),
    p = exps[target] / (exps[0] + exps[1]);
  // ∂p/∂x = p (1 − p) (∂S − ∂S′) where there are two classes.
  const apart = slope.map((value, i) => value - other[i]);
  return [
    [slope, "Image forgotten: this is the gradient alone. Multiply it by the image, pixel by pixel."],
    [pixels, "Gradient forgotten: this is the image itself."],
    [times(slope).map(Math.abs), "Sign lost: you give absolute values. What speaks against the class is negative."],
    [times(slope).map((value) => -value), "Sign: every value has the opposite sign."],
    [times(times(slope)), "Twice the image: the gradient is multiplied by the image two times."],
    [
      slope.map((value, i) => value + pixels[i]),
      "Sum instead of product: multiply gradient and image, pixel by pixel.",
    ],
    [times(other), "Class: this is the other class's logit (or the largest). Take the one that `target` names."],
    [
      times(slope.map((value, i) => value + other[i])),
      "Class: you differentiate the sum of all logits. Take the one that `target` names. Logits are [images, " +
        "classes]: its place is [0, target].",
    ],
    [
      times(apart.map((value) => p * (1 - p) * value)),
      "Probability instead of logit: there is a softmax in it. The score asked for is the logit, as `logits` gives it.",
    ],
    [
      times(apart.map((value) => (1 - p) * value)),
      "Log-probability instead of logit: there is a log-softmax in it. The score asked for is the logit itself.",
    ],
    ...(target === 1
      ? [
          [
            [pixels[0] ** 2, 3 * pixels[1]],
            "This is what x₁² adds, not gradient × input: its derivative is 2x₁.",
          ] as const,
        ]
      : []),
    [
      pixels.map(() => times(slope)[0] + times(slope)[1]),
      "Summed: every pixel has the sum of all. Each pixel keeps its own product.",
    ],
    [
      pixels.map((value) => value * values[target]),
      "Score instead of gradient: the image is multiplied by the logit itself.",
    ],
  ];
}

/**
 * Says in words whether gradient × input is right, and if not, what is wrong.
 * @throws CheckFailed with the words
 */
export async function checkContributions(yours: Loosely<ContributionsFunction>): Promise<void> {
  await ready();
  const tried = { classes: 2, shape: [1, 2, 1] };
  begin(tried);
  const image = tf.tensor4d([...pixels], [1, 1, 2, 1]);
  try {
    for (const target of [0, 1]) {
      const result = await callStudent("Task 3", () => yours(asLogits, image, target), { tried });
      if (image.isDisposed) failed("Your function disposes of the image that it was given: whoever called needs it.");
      const [got] = (await mapsOf(result, image.shape)).map((map) => Array.from(map));
      const is = (wanted: readonly number[]): boolean => got.every((value, i) => Math.abs(value - wanted[i]) < 1e-3);
      const right = slopes[target].map((value, i) => value * pixels[i]);
      if (!got.every(Number.isFinite)) failed("Your result has values that are not numbers (NaN or infinite).");
      if (!is(right))
        failed(
          slips(target).find(([map]) => is(map))?.[1] ??
            `For the logit ${names[target]} at (${pixels.join(", ")}) your result is ` +
              `${got.map((value) => Number(value.toPrecision(4))).join(", ")}; by hand it is ${right.join(", ")}.`,
        );
      passed(
        target === 0
          ? "Linear: each pixel's weight times its value."
          : "Not linear: the derivative at this image, times the image.",
      );
    }
  } finally {
    image.dispose();
  }
}
