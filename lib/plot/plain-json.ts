import { badInput } from "../core/errors";

/**
 * A copy that JSON can hold: typed arrays become arrays, what is not a finite number becomes null (a gap in a line).
 */
export function plainJson(value: unknown, what: string): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Float32Array)
    return Array.from(value, (item) => (Number.isFinite(item) ? Number(item.toPrecision(7)) : null));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>, (item) => plainJson(item, what));
  if (Array.isArray(value)) return value.map((item, i) => plainJson(item, `${what}[${i}]`));
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object") badInput({ what, got: value, allowed: "numbers, text, arrays and plain objects" });
  if ("dataSync" in value)
    badInput({
      what,
      got: "a tensor",
      allowed: "numbers or arrays of numbers",
      remedy: "Read it first: await tensor.array().",
    });
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, plainJson(item, `${what}.${key}`)]),
  );
}
