import { StudentTensor, type Answer } from "./answers";
import { AnswerWrong } from "./student-fault";

/** What is expected: a number, a list of them, nested lists, or values with their shape. */
export type Expected = number | ArrayLike<number> | readonly Expected[] | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

export interface ExpectOptions {
  /** Largest difference, as a share of the largest expected absolute value (of 1 where all are 0). Default: 2e-3. */
  readonly tolerance?: number;
  /** Begins the reason for the lost points: "the map differs". */
  readonly says: string;
}

/** Ends the part without points unless shape and values agree. */
export type ExpectClose = (got: Answer, expected: Expected, options: ExpectOptions) => void;

interface Values {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export const expectClose: ExpectClose = (got, expected, { tolerance = 2e-3, says }) => {
  const wanted = valuesOf(expected as Answer)!, given = valuesOf(got);
  if (got === undefined || got === null) wrong("Your function returned nothing. Is the `return` missing?");
  if (!given) return wrong(`${says}: your function gives ${described(got)}, but ${wanted.shape.length === 0 ? "a number is" : `numbers of shape ${shown(wanted.shape)} are`} asked for.`);
  // A list given for a tensor, or the other way round, is no mistake; how many dimensions it has is.
  if (given.shape.join() !== wanted.shape.join()) wrong(`${says}: the shape is ${shown(given.shape)}, but ${shown(wanted.shape)} is asked for.`);
  const a = Array.from(given.data), b = Array.from(wanted.data);
  if (!a.every(Number.isFinite)) wrong(`${says}: there are values that are not numbers (NaN or infinite).`);
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  if (a.length === 1) return compareOne(a[0], b[0], tolerance, says);
  const most = a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0) / scale;
  if (most <= tolerance) return;
  const factor = proportion(a, b);
  const hint = factor === undefined ? "" : Math.abs(factor + 1) < 1e-3 ? " Every value has the opposite sign." : ` Every value is ${Number(factor.toPrecision(3))} times what it should be.`;
  wrong(`${says}: by up to ${percent(most)} of the largest value.${hint}`);
};

/** Shares of "the largest value", or a factor for "every value", say nothing of a single number. */
function compareOne(got: number, wanted: number, tolerance: number, says: string): void {
  const least = tolerance * (Math.abs(wanted) || 1);
  if (Math.abs(got - wanted) <= least) return;
  const digits = [4, 7, 10].find((count) => got.toPrecision(count) !== wanted.toPrecision(count)) ?? 16;
  const [given, right] = [got, wanted].map((value) => String(Number(value.toPrecision(digits))));
  wrong(`${says}: your function gives ${given}, but ${right} is right.${wanted !== 0 && Math.abs(got + wanted) <= least ? " Only the sign is wrong." : ""}`);
}

/** The factor between the two, if one fits all. */
function proportion(a: readonly number[], b: readonly number[]): number | undefined {
  const square = b.reduce((sum, value) => sum + value * value, 0);
  const factor = a.reduce((sum, value, i) => sum + value * b[i], 0) / square;
  if (!Number.isFinite(factor) || factor === 0) return undefined;
  const scale = Math.abs(factor) * b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.every((value, i) => Math.abs(value - factor * b[i]) < 1e-3 * scale) ? factor : undefined;
}

function valuesOf(value: unknown): Values | undefined {
  if (typeof value === "number") return { shape: [], data: [value] };
  if (value instanceof StudentTensor) return value;
  if (ArrayBuffer.isView(value)) return { shape: [(value as Float32Array).length], data: value as Float32Array };
  if (Array.isArray(value)) {
    const parts = value.map(valuesOf);
    if (parts.some((part) => !part || part.shape.join() !== parts[0]!.shape.join())) return undefined;
    return { shape: [value.length, ...(parts[0]?.shape ?? [])], data: parts.flatMap((part) => Array.from(part!.data)) };
  }
  const { shape, data } = (value ?? {}) as Partial<Values>;
  return Array.isArray(shape) && data ? { shape, data } : undefined;
}

const described = (value: unknown): string => (Array.isArray(value) ? "a list that is not made of numbers" : `${/^[aeiou]/.test(typeof value) ? "an" : "a"} ${typeof value}`);
const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
const percent = (share: number): string => `${share < 0.01 ? (100 * share).toPrecision(1) : Math.round(100 * share)} %`;

function wrong(words: string): never {
  throw new AnswerWrong(words[0].toUpperCase() + words.slice(1));
}
