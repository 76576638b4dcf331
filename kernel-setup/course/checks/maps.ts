import * as tf from "@tensorflow/tfjs";
import { failed } from "./call-student";
import { normalisedWords } from "./normalised";
import { proportion } from "./proportion";

/** One map per image, each in row-major order. */
export type Maps = readonly ArrayLike<number>[];

/** What a wrong implementation would have returned, and the words that help its author. */
export interface Mistake {
  readonly maps: Maps;
  readonly words: string;
}

/** Far above what float32 loses, far below any mistake. */
const tolerance = 2e-3;

/**
 * The student's tensor as plain numbers, one map per image; its tensor is disposed of. Fails in words unless its shape
 * is `shape`.
 * @param channels `images`: a map has the images' channels; `one`: a single one
 */
export async function mapsOf(
  result: unknown,
  shape: readonly number[],
  channels: "images" | "one" = "images",
): Promise<Maps> {
  const tensor = tensorOf(result);
  try {
    return mapsOfValues(tensor.shape, await tensor.data(), shape, channels);
  } finally {
    tensor.dispose();
  }
}

/** Fails in words unless the student's function returned a tensor that is still there. */
export function tensorOf(result: unknown): tf.Tensor {
  if (result === undefined || result === null) failed("Your function returned nothing. Is the `return` missing?");
  if (!(result instanceof tf.Tensor))
    failed(`Your function returned ${described(result)}, but a tensor is asked for.${remedyFor(result)}`);
  if (result.isDisposed)
    failed(
      "The tensor that your function returned has already been disposed of. A tensor that must outlive tf.tidy " +
        "is the one that tidy returns.",
    );
  return result;
}

/** One map per image of a tensor's values. Fails in words unless its shape is `wanted`. */
export function mapsOfValues(
  shape: readonly number[],
  values: ArrayLike<number>,
  wanted: readonly number[],
  channels: "images" | "one" = "images",
): Maps {
  if (!sameShape(shape, wanted)) failed(shapeWords(shape, wanted, channels));
  const size = values.length / wanted[0];
  return Array.from({ length: wanted[0] }, (_, i) =>
    Array.from({ length: size }, (_unused, at) => values[i * size + at]),
  );
}

/** @param slips worked out only where `got` is wrong @returns nothing if `got` is right, else words for the student */
export function diagnose(
  got: Maps,
  right: Maps,
  slips: () => readonly Mistake[],
  { summed = false } = {},
): string | undefined {
  if (flat(got).some((value) => !Number.isFinite(value)))
    return "Your map has values that are not numbers (NaN or infinite). Look for a division by 0 or a logarithm of 0.";
  if (difference(got, right) < tolerance) return undefined;
  if (flat(got).every((value) => value === 0))
    return (
      "Your map is 0 everywhere: nothing of the score reaches the pixels. " +
      (summed
        ? "Is the sum kept? total.add(g) leaves total as it is: write total = tf.add(total, g). If so, what exactly " +
          "do you differentiate?"
        : "What exactly do you differentiate, and with respect to what?")
    );
  const mistakes = slips();
  const exact = mistakes.find(({ maps }) => difference(got, maps) < tolerance);
  if (exact) return exact.words;
  const normalised = normalisedWords(got, right, (a, b) => difference(a, b) < tolerance);
  if (normalised) return normalised;
  const factor = factorOf(got, right);
  if (factor !== undefined) return scaleWords(factor);
  if (got.length > 1 && got.every((map, i) => factorOf([map], [right[i]]) !== undefined)) {
    return (
      "Scale: each map is right up to a factor, but a different factor for each image. Did you normalise the maps? " +
      "Give the plain values back; scaling is for drawing."
    );
  }
  for (const { maps, words } of mistakes) {
    const besides = factorOf(got, maps);
    if (besides !== undefined) return `${words} (And besides: ${scaleWords(besides)})`;
  }
  return genericWords(got, right);
}

/**
 * Largest difference over the largest value, over all images together; infinite where a value of `got` is no number.
 */
export function difference(got: Maps, wanted: Maps): number {
  const a = flat(got),
    b = flat(wanted);
  if (!a.every(Number.isFinite)) return Infinity;
  const scale = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / (scale || 1);
}

const factorOf = (got: Maps, wanted: Maps): number | undefined => proportion(flat(got), flat(wanted), tolerance);

function scaleWords(factor: number): string {
  const size = Math.abs(factor),
    sign = factor < 0 ? " and of the opposite sign" : "",
    times = Math.round(1 / size);
  if (times > 1 && Math.abs(times * size - 1) < 5e-3)
    return (
      `Scale: every value is ${times} times too small${sign}. Is there a mean over ${times} values (images, classes, ` +
      `steps) that should be a sum, or one mean too many?`
    );
  return (
    `Scale: every value is ${Number(size.toPrecision(3))} times what it should be${sign}. Something is multiplied ` +
    `or divided that should not be, or a factor is missing.`
  );
}

function genericWords(got: Maps, right: Maps): string {
  const good = got.flatMap((map, i) => (difference([map], [right[i]]) < tolerance ? [i + 1] : []));
  if (good.length > 0)
    return (
      `Batch: image ${good.join(" and ")} of ${got.length} is right, the others are not. Does every image get its ` +
      `own class and its own map?`
    );
  return (
    `The values are not those asked for: they differ by up to ${Math.round(100 * difference(got, right))} % of ` +
    `the largest value. ` +
    "It is none of the usual slips (sign, scale, class, batch): compare your code with the formula above, term by term."
  );
}

function shapeWords(got: readonly number[], wanted: readonly number[], channels: "images" | "one"): string {
  const [batch, ...image] = wanted;
  const one = got.length === image.length ? got : got[0] === 1 ? got.slice(1) : [];
  const start =
    `Shape: your result is ${shown(got)}, but ${channels === "one" ? "the maps asked for are" : "the images are"} ` +
    `${shown(wanted)}`;
  if (channels === "one" && sameShape(got.slice(0, -1), wanted.slice(0, -1)))
    return (
      `${start}: there are still ${got[got.length - 1]} values for each pixel, one for each colour. Make one of ` +
      `them.`
    );
  if (batch > 1 && sameShape(one, image))
    return (
      `${start}: one map for all ${batch} images. Was the batch summed, or only the first image explained? Each ` +
      `image needs its own map.`
    );
  if (got.length === wanted.length + 1 && got[1] === 1 && sameShape([got[0], ...got.slice(2)], wanted))
    return `${start}: tf.stack has put an axis in front. Maps that are batches of one are joined by tf.concat.`;
  if (channels !== "one" && wanted[wanted.length - 1] > 1 && sameShape(got, [...wanted.slice(0, -1), 1]))
    return (
      `${start}: one value for each pixel. A saliency map has lost the signs and two of the three colours: here it ` +
      `is the derivatives themselves.`
    );
  if (sameShape(got, wanted.slice(0, -1))) return `${start}: the channel dimension at the end is missing.`;
  if (got.length === 2 && got[0] === batch)
    return `${start}: your result looks like one row of scores per image. The map has one value for each pixel.`;
  return channels === "one"
    ? `${start}: one value for each pixel of each image.`
    : `${start}. A map has one value for each pixel, so its shape is the images' own.`;
}

const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
const flat = (maps: Maps): number[] => maps.flatMap((map) => Array.from(map));

export const described = (value: unknown): string =>
  Array.isArray(value) || ArrayBuffer.isView(value) ? "an array" : `a value of type ${typeof value}`;

/** How what was returned becomes a tensor. */
function remedyFor(value: unknown): string {
  if (typeof value === "function") return " tf.grad(f) is a function, too: call it, tf.grad(f)(x).";
  if (Array.isArray(value) && value.some((part) => part instanceof tf.Tensor))
    return " tf.concat(list) or tf.stack(list) makes one of a list of tensors.";
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return " Leave arraySync() or data() out, or make one with tf.tensor(values, shape).";
  if (typeof value === "object" && value !== null && ("grad" in value || "grads" in value))
    return " Take the part that you want: result.grad.";
  return "";
}
