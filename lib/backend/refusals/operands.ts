// What an operation was given, for people: the shapes of its tensors, axes by their numbers, sizes that do not fit.
import * as tf from "@tensorflow/tfjs";

/** A tensor, or numbers that TensorFlow.js makes one of. */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** A single number or text that is no tensor, as it was written. */
  readonly written?: string;
}

const dtypeOf = { number: "float32", boolean: "bool", string: "string" } as const;

/** @returns undefined for what no tensor is made of */
export function operand(value: unknown): Operand | undefined {
  if (value instanceof tf.Tensor) {
    const { shape, dtype } = value as tf.Tensor;
    return { shape, dtype };
  }
  if (ArrayBuffer.isView(value))
    return { shape: [(value as Float32Array).length], dtype: value instanceof Int32Array ? "int32" : "float32" };
  const shape: number[] = [];
  let inner: unknown = value;
  for (; Array.isArray(inner); inner = (inner as unknown[])[0]) shape.push(inner.length);
  if (inner instanceof tf.Tensor) return undefined;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
    return { shape, dtype: dtypeOf[typeof value as "number"], written: JSON.stringify(value) };
  if (typeof inner === "number" || (Array.isArray(value) && inner === undefined)) return { shape, dtype: "float32" };
  if (typeof inner === "boolean") return { shape, dtype: "bool" };
  return typeof inner === "string" ? { shape, dtype: "string" } : undefined;
}

/** All of a list, or undefined where one of them is none. */
export function operands(values: unknown): Operand[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const all = values.map(operand);
  return all.every((each) => each !== undefined) ? all : undefined;
}

export const shapeText = (shape: readonly number[]): string => `[${shape.join(",")}]`;

/** `[3,1] and [3,1]`; a dtype that is not float32 is told. Longer lists are cut. */
export function operandsText(given: readonly Operand[]): string {
  const texts = given.map(
    ({ shape, dtype, written }) => written ?? shapeText(shape) + (dtype === "float32" ? "" : ` ${dtype}`),
  );
  if (texts.length > 6) texts.splice(4, texts.length - 5, "…");
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** `The axes of [2,3] are 0 and 1 (or −2 and −1).` */
export function axesOf(shape: readonly number[]): string {
  if (shape.length === 0) return "A single number has no axis.";
  if (shape.length === 1) return `The only axis of ${shapeText(shape)} is 0 (or -1).`;
  const numbers = shape.map((_, i) => i),
    { length } = shape;
  if (length > 2) return `The axes of ${shapeText(shape)} are 0 to ${length - 1} (or -${length} to -1).`;
  return `The axes of ${shapeText(shape)} are ${numbers.join(" and ")} (or -2 and -1).`;
}

/** `there is no axis 2. The axes …`; undefined where all are there. @param more axes that the result has more */
export function missingAxis(axes: unknown, shape: readonly number[], more = 0): string | undefined {
  if (axes === undefined || axes === null) return undefined;
  const limit = shape.length + more;
  const bad = ([axes].flat() as unknown[]).find(
    (axis) => !Number.isInteger(axis) || (axis as number) < -limit || (axis as number) >= limit,
  );
  if (bad === undefined) return undefined;
  if (typeof bad !== "number") return `an axis is a number, not ${String(bad)}. ${axesOf(shape)}`;
  if (!Number.isInteger(bad)) return `an axis is a whole number, not ${bad}. ${axesOf(shape)}`;
  return more
    ? `there is no place for an axis ${bad}: with it the result has ${limit} axes, 0 to ${limit - 1}.`
    : `there is no axis ${bad}. ${axesOf(shape)}`;
}

/** Counted from the front. */
export const counted = (axis: number, { length }: readonly number[]): number => (axis < 0 ? axis + length : axis);

/** Why two shapes cannot be matched value by value; undefined where they can. */
export function notBroadcast(a: readonly number[], b: readonly number[]): string | undefined {
  for (let back = 1; back <= Math.min(a.length, b.length); back++) {
    const [one, other] = [a[a.length - back], b[b.length - back]];
    if (one === other || one === 1 || other === 1) continue;
    const where = a.length === b.length ? `axis ${a.length - back}` : fromTheEnd(back);
    const rule = "Axes are matched from the last; each pair must have the same size, or one of the two the size 1.";
    return `the sizes ${one} and ${other} of ${where} differ. ${rule}`;
  }
  return undefined;
}

const fromTheEnd = (back: number): string =>
  back === 1 ? "the last axes" : back === 2 ? "the last axes but one" : `the axes ${back} from the end`;

/** Two shapes that must be the same one. */
export function notSame(shapes: readonly (readonly number[])[]): [number, number] | undefined {
  const other = shapes.findIndex((each) => String(each) !== String(shapes[0]));
  return other > 0 ? [0, other] : undefined;
}

export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
