// What the plots of features, series and texts take: attributions of what is no image, of one method or several.
import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkCount, flatten, isTensor, type Flat, type Nested, type Picture } from "./pictures";
import { tickText } from "./text";
import { sizeOf } from "../core/chunks";

/** An `Attribution`, a tensor, a list of tensors with one input each, or numbers. Tensors are read, not disposed of. */
export type AttributionValues =
  { readonly values: tf.Tensor } | tf.Tensor | readonly tf.Tensor[] | readonly Nested[] | Float32Array;

/** The same for one method, or for several by their names, which are drawn side by side. */
export type MethodValues = AttributionValues | Readonly<Record<string, AttributionValues>>;

/** Values of one method; without a name where it is the only one. */
export interface NamedValues {
  readonly name?: string;
  /** How errors call it. */
  readonly what: string;
  readonly values: AttributionValues;
}

/** @throws BadInputError for an object without methods */
export function namedValues(values: MethodValues, what: string): NamedValues[] {
  const single =
    typeof values !== "object" ||
    values === null ||
    isTensor(values) ||
    Array.isArray(values) ||
    ArrayBuffer.isView(values);
  if (single || isTensor((values as { values?: unknown }).values))
    return [{ what, values: values as AttributionValues }];
  const names = Object.keys(values);
  if (names.length === 0) {
    badInput({
      what,
      got: values,
      allowed: "an attribution, numbers, or an object with those of each method by its name",
      remedy: "For instance { saliency: await saliency(model, inputs) }.",
    });
  }
  return names.map((name) => ({
    name,
    what: `${what}.${name}`,
    values: (values as Readonly<Record<string, AttributionValues>>)[name],
  }));
}

/**
 * Reads attribution values, one entry for each input.
 * @param rank axes of one input; with one axis more, the first counts inputs
 * @param shape what is allowed, in words
 * @throws BadInputError for another rank, no values, or values that are not finite
 */
export async function readValues(
  input: AttributionValues,
  { what, rank, shape, remedy }: ValuesShape,
): Promise<Flat[]> {
  const parts = await readParts(input, what);
  const inputs = parts.flatMap((part) => {
    const axes = part.shape.length;
    if ((axes !== rank && axes !== rank + 1) || part.shape.slice(axes - rank).includes(0))
      badInput({ what: `the shape of ${what}`, got: part.shape, allowed: shape, remedy });
    return axes === rank ? [part] : alongFirstAxis(part);
  });
  if (inputs.length === 0) badInput({ what, got: "an empty batch", allowed: "at least one input" });
  checkAllFinite(inputs, what);
  return inputs;
}

export interface ValuesShape {
  /** How errors call the values. */
  what: string;
  rank: number;
  shape: string;
  remedy?: string;
}

/** One block of numbers, or of a list of tensors each one's. */
export async function readParts(input: AttributionValues, what: string): Promise<Flat[]> {
  const inner: unknown =
    !isTensor(input) && !Array.isArray(input) ? (input as { values?: unknown } | undefined)?.values : undefined;
  const source: unknown = isTensor(inner)
    ? inner
    : ArrayBuffer.isView(input)
      ? Array.from(input as Float32Array)
      : input;
  const parts: readonly unknown[] = Array.isArray(source) && source.some(isTensor) ? source : [source];
  return Promise.all(parts.map((part) => flatten(part, what)));
}

/** The entries of a block's first axis. */
export function alongFirstAxis({ shape: [count, ...shape], values }: Flat): Flat[] {
  const size = sizeOf(shape);
  return Array.from({ length: count }, (_, i) => ({
    shape,
    values: Array.prototype.slice.call(values, i * size, (i + 1) * size) as number[],
  }));
}

/** @throws BadInputError */
export function checkAllFinite(inputs: readonly Flat[], what: string): void {
  inputs.forEach(({ values }, i) => {
    const odd = Array.prototype.findIndex.call(values, (value: number) => !Number.isFinite(value)) as number;
    if (odd >= 0)
      badInput({
        what: `value ${odd} of ${inputs.length > 1 ? `${what}[${i}]` : what}`,
        got: values[odd],
        allowed: "finite numbers",
      });
  });
}

/** One name for each of `count`, or numbered ones. @throws BadInputError */
export function checkedNames(
  names: readonly string[] | undefined,
  count: number,
  { what = "names", of, numbered }: { what?: string; of: string; numbered: string },
): readonly string[] {
  if (names === undefined) return Array.from({ length: count }, (_, i) => `${numbered} ${i}`);
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string"))
    badInput({ what, got: names, allowed: "an array of texts" });
  if (names.length !== count)
    badInput({ what: `the number of ${what}`, got: names.length, allowed: `${count}, one for each ${of}` });
  return names;
}

/** An input's own value, in a few characters. */
export const valueText = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value).replace("-", "−") : tickText(value);

/** A list of texts, each a list of tokens. */
export function checkedTexts(tokens: unknown): string[][] {
  const allowed = "the tokens of a text, or a list of the tokens of each text";
  if (!Array.isArray(tokens) || tokens.length === 0)
    badInput({
      what: "tokens",
      got: tokens,
      allowed,
      remedy: typeof tokens === "string" ? '[...text] has its characters, text.split(" ") its words.' : undefined,
    });
  const texts = (tokens.some((part) => Array.isArray(part)) ? tokens : [tokens]) as unknown[][];
  texts.forEach((text, i) => {
    const odd = Array.isArray(text) ? text.find((token) => typeof token !== "string") : text;
    if (odd !== undefined || text.length === 0)
      badInput({ what: texts.length > 1 ? `tokens[${i}]` : "tokens", got: odd ?? text, allowed });
  });
  return texts as string[][];
}

/** Each text's values as a picture of one row, with a vector's numbers as its channels. */
export async function readVectors(
  values: AttributionValues,
  texts: readonly (readonly string[])[],
  what: string,
): Promise<Picture[]> {
  const one = texts.length === 1,
    plain = Array.isArray(values) && !values.some(isTensor);
  // Lists of one entry a text may differ in length.
  const list = !one && plain && values.length === texts.length ? (values as readonly AttributionValues[]) : [values];
  const parts = (await Promise.all(list.map((part) => readParts(part, what)))).flat();
  const read = parts.length === 1 ? inOneBlock(parts[0], one, what) : parts;
  const odd = read.find(({ shape }) => shape.length < 1 || shape.length > 2 || shape.includes(0));
  if (odd)
    badInput({
      what: `the shape of ${what}`,
      got: odd.shape,
      allowed: one
        ? "[tokens] or [tokens, length of a vector]"
        : "[tokens] or [tokens, length of a vector] for each text",
    });
  checkCount(read.length, texts.length, what, "texts");
  checkAllFinite(read, what);
  return read.map(({ shape: [steps, dimension = 1], values }) => ({
    height: 1,
    width: steps,
    channels: dimension,
    values,
  }));
}

/** With the texts as a first axis; of a single text that axis may lack. */
function inOneBlock(block: Flat, one: boolean, what: string): Flat[] {
  const { shape } = block;
  if (one && (shape.length === 1 || (shape.length === 2 && shape[0] !== 1))) return [block];
  if (shape.length === 2 || shape.length === 3) return alongFirstAxis(block);
  return badInput({
    what: `the shape of ${what}`,
    got: shape,
    allowed: `${one ? "[tokens], [tokens, vector], " : ""}[texts, tokens] or [texts, tokens, length of a vector]`,
  });
}

export function cutToTexts(
  maps: readonly Picture[],
  texts: readonly (readonly string[])[],
  padding: "start" | "end",
  what: string,
): Picture[] {
  return maps.map(({ width, channels, values }, i) => {
    const count = texts[i].length,
      from = (padding === "start" ? width - count : 0) * channels;
    if (width < count)
      badInput({
        what: `the number of ${texts.length > 1 ? `${what}[${i}]` : what}`,
        got: width,
        allowed: `${count}, one for each token`,
      });
    return {
      height: 1,
      width: count,
      channels,
      values: Array.prototype.slice.call(values, from, from + count * channels) as number[],
    };
  });
}
