import * as tf from "@tensorflow/tfjs";
import { rolled, type Shift } from "./ascent-reference";
import { begin, callStudent, countingTensors, failed, note, passed, type Loosely } from "./call-student";
import { colourShape, randomColours } from "./pictures";
import { difference, mapsOf, type Maps } from "./maps";
import type { Pixels } from "./small-network";

/**
 * What the student writes: the images moved down and to the right; what leaves on one side comes in on the other.
 * @param x [batch, height, width, channels]
 * @param down,right whole pixels; negative: up, left
 */
export type RollFunction = (x: tf.Tensor4D, down: number, right: number) => tf.Tensor | Promise<tf.Tensor>;

/**
 * Says in words whether images are rolled as they should be, and if not, what is wrong.
 * @throws CheckFailed with the words
 */
export async function checkRoll(yours: Loosely<RollFunction>): Promise<void> {
  const { images, pixels } = await randomColours(2, 9);
  begin({ shape: colourShape });
  try {
    const left = await compare(yours, images, pixels, [3, 4]);
    passed(
      "Down and right: what leaves at the bottom comes in at the top, what leaves on the right comes in on the left.",
    );
    await compare(yours, images, pixels, [-2, -5]);
    passed("Up and left: negative numbers move the other way.");
    for (const shift of [
      [0, 0],
      [0, 4],
      [3, 0],
    ] as const)
      await compare(yours, images, pixels, shift);
    passed("Zero: nothing moves in a direction whose number is 0.");
    for (const shift of [
      [13, 29],
      [-24, -17],
    ] as const)
      await compare(yours, images, pixels, shift);
    passed("Any whole number: a shift larger than the image goes round it.");
    if (left > 0)
      note(`Your function leaves ${left} tensors in memory at each call. tf.tidy(() => …) around its body frees them.`);
  } finally {
    images.dispose();
  }
}

async function compare(
  yours: Loosely<RollFunction>,
  images: tf.Tensor4D,
  pixels: readonly Pixels[],
  shift: Shift,
): Promise<number> {
  const where = `With down ${shift[0]} and right ${shift[1]}`;
  const { result, left } = await countingTensors(() =>
    callStudent("Task 2", () => yours(images, ...shift), {
      tried: { shape: colourShape },
      explain: (message) =>
        /^slice of /.test(message)
          ? "A part begins before the first row or column, or after the last. x.shape says how many there are; " +
            "((−down % height) + height) % height is never below 0, and always below height."
          : undefined,
    }),
  );
  if (result === (images as tf.Tensor))
    failed(
      `${where} your function returns the very tensor that it was given. Whoever called may dispose of either: ` +
        `return a clone.`,
    );
  if (images.isDisposed)
    failed("Your function disposes of the images that it was given. Whoever called still needs them.");
  const got = await mapsOf(result, images.shape);
  if (
    difference(
      got,
      pixels.map((image) => rolled(image, shift)),
    ) > 1e-5
  )
    failed(`${where}: ${rollMistake(got, pixels, shift)}`);
  return left;
}

/** Words for images that are not rolled as they should be. */
export function rollMistake(got: Maps, pixels: readonly Pixels[], [down, right]: Shift): string {
  const [height, width, channels] = colourShape;
  const is = (made: (image: Pixels) => number[]): boolean => difference(got, pixels.map(made)) < 1e-5;
  const size = height * width * channels;
  if (!got.every((image) => Array.from(image).every(Number.isFinite)))
    return "there are values that are not numbers (NaN or infinite).";
  if (is((image) => rolled(image, [-down, -right])))
    return "your images move the other way. Positive numbers go down and to the right.";
  if (is((image) => rolled(image, [right, down])))
    return (
      "your rows and columns are exchanged. In [batch, height, width, channels] down is along axis 1, right along " +
      "axis 2."
    );
  if (is((image) => Array.from(image))) return "nothing moves.";
  if (is((image) => rolled(image, [down, 0]))) return "your images move down only.";
  if (is((image) => rolled(image, [0, right]))) return "your images move to the right only.";
  if (is((image) => rolled(image, [down, -right])) || is((image) => rolled(image, [-down, right])))
    return "one of the two directions is the wrong way round.";
  if (is((image) => rolled(image, [down + Math.sign(down), right + Math.sign(right)])))
    return "your images move one pixel too far.";
  if (Math.abs(down) >= height || Math.abs(right) >= width) {
    return `a shift may be larger than the image, here ${height} × ${width}: by its height and 2 is by 2.`;
  }
  const inside = (at: number): boolean => {
    const row = Math.floor(at / (width * channels)),
      column = Math.floor(at / channels) % width;
    return row - down >= 0 && row - down < height && column - right >= 0 && column - right < width;
  };
  const kept = got.every((image, i) => {
    const wanted = rolled(pixels[i], [down, right]);
    return Array.from({ length: size }, (_, at) => at).every(
      (at) => !inside(at) || Math.abs(image[at] - wanted[at]) < 1e-5,
    );
  });
  if (kept) return "what stays in the picture is right, but what leaves on one side must come in on the other.";
  return (
    "your images are not those asked for. Cut them in two along an axis and put the parts together the other way " +
    "round."
  );
}
