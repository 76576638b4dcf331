import type * as tfTypes from "@tensorflow/tfjs";

/** Of a list, and of all lists and tensors; the judge takes no more, and none that lies deeper. */
const MOST_VALUES = 4_000_000,
  MOST_DEPTH = 9;
/** Of all texts and names together. The judge takes fewer; far more would end the process when they are written. */
const MOST_LETTERS = 32_000_000;

/** What a student's function returned, as JSON: see decodeAnswer, which takes nothing of it on trust. */
export async function encodeAnswer(tf: typeof tfTypes, answer: unknown): Promise<unknown> {
  let count = 0,
    letters = 0;
  // Only what lies within itself is a circle: a list may have the same row twice. Nothing but tensors is waited for:
  // millions of promises would take a minute and a GiB.
  const encode = (value: unknown, around: readonly unknown[] = []): unknown => {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") {
      letters += value.length;
      return letters > MOST_LETTERS ? { t: "other", v: "a text of too many letters" } : value;
    }
    if (typeof value === "number") return Number.isFinite(value) ? value : { t: "number", v: String(value) };
    if (value === undefined) return { t: "undefined" };
    if (typeof value !== "object") return { t: "other", v: `a ${typeof value}` };
    if (value instanceof tf.Tensor) {
      // Two numbers for each value, which no answer has.
      if (value.dtype === "complex64") return { t: "other", v: "a tensor of complex numbers" };
      // Its texts would be read as the numbers that they spell.
      if (value.dtype === "string") return { t: "other", v: "a tensor of texts" };
      count += value.size;
      return count > MOST_VALUES ? { t: "other", v: "a tensor of too many values" } : tensor(value);
    }
    if (around.includes(value)) return { t: "other", v: "a circle" };
    const length = (value as { length?: unknown }).length as number,
      within = [...around, value];
    // Lists of the same lists may have far more values than there is memory for.
    count += Array.isArray(value) ? length : 1;
    if (length > MOST_VALUES || count > MOST_VALUES || within.length > MOST_DEPTH) {
      return { t: "other", v: "a list of too many values" };
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return encode(Array.from(value as Float32Array), around);
    }
    if (Array.isArray(value)) return whole(value.map((each) => encode(each, within)));
    const parts = Object.entries(value).map(([name, each]) => {
      letters += name.length;
      return letters > MOST_LETTERS
        ? ["", { t: "other", v: "a text of too many letters" }]
        : whole([name, encode(each, within)]);
    });
    const held = whole(parts);
    return held instanceof Promise ? held.then((v: unknown) => ({ t: "object", v })) : { t: "object", v: held };
  };
  return encode(answer);
}

/** A list of values; once all of them are there, where some are still awaited. */
const whole = (values: unknown[]): unknown =>
  values.some((each) => each instanceof Promise) ? Promise.all(values) : values;

async function tensor(value: tfTypes.Tensor): Promise<unknown> {
  if (value.isDisposed)
    throw new Error(
      "The tensor that your function returned has already been disposed of. A tensor that must outlive tf.tidy " +
        "is the one that tidy returns.",
    );
  const data = Float32Array.from((await value.data()) as Float32Array);
  const dtype = value.dtype === "int32" || value.dtype === "bool" ? value.dtype : "float32";
  return { t: "tensor", shape: value.shape, dtype, data: Buffer.from(data.buffer).toString("base64") };
}
