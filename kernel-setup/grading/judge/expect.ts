import { proportion } from "vitrine-course/dist/checks/proportion";
import { StudentTensor, type Answer } from "./answers";
import { AnswerWrong } from "./student-fault";

/** What is expected: a number, a list of them, nested lists, or values with their shape. All finite, at least one. */
export type Expected =
  | number
  | ArrayLike<number>
  | readonly Expected[]
  | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

export interface ExpectOptions {
  /** Largest difference, as a share of the largest expected absolute value (of 1 where all are 0). Default: 2e-3. */
  readonly tolerance?: number;
  /** Begins the reason for the lost points: "the map differs". */
  readonly says: string;
}

/**
 * Ends the part without points unless shape and values agree. Taken are numbers, lists of them and tensors; a list
 * given for a tensor, or the other way round, is no mistake.
 */
export type ExpectClose = (got: Answer, expected: Expected, options: ExpectOptions) => void;

interface Values {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export const expectClose: ExpectClose = (got, expected, options) => {
  const { tolerance, says } = checkedOptions(options),
    wanted = wantedOf(expected),
    given = givenOf(got);
  if (got === undefined || got === null) wrong("Your function returned nothing. Is the `return` missing?");
  const asked = wanted.shape.length === 0 ? "a number is" : `numbers of shape ${shown(wanted.shape)} are`;
  if (!given) return wrong(`${says}: your function gives ${described(got)}, but ${asked} asked for.`);
  if (given.shape.join() !== wanted.shape.join()) {
    wrong(`${says}: the shape is ${shown(given.shape)}, but ${shown(wanted.shape)} is asked for.`);
  }
  const a = Array.from(given.data),
    b = Array.from(wanted.data);
  if (a.length !== b.length) wrong(`${says}: there are ${a.length} values, but ${b.length} are asked for.`);
  if (!a.every(Number.isFinite)) wrong(`${says}: there are values that are not numbers (NaN or infinite).`);
  const scale = largest(b) || 1;
  if (a.length === 1) return compareOne(a[0], b[0], tolerance, says);
  const most = largest(a.map((value, i) => value - b[i])) / scale;
  if (most <= tolerance) return;
  const factor = proportion(a, b, 1e-3),
    told = factor !== undefined && Number(factor.toPrecision(3)) !== 1;
  wrong(`${says}: by up to ${percent(most)} of the largest value.${told ? factorWords(factor) : ""}`);
};

const factorWords = (factor: number): string =>
  Math.abs(factor + 1) < 1e-3
    ? " Every value has the opposite sign."
    : ` Every value is ${Number(factor.toPrecision(3))} times what it should be.`;

/** Shares of "the largest value", or a factor for "every value", say nothing of a single number. */
function compareOne(got: number, wanted: number, tolerance: number, says: string): void {
  const least = tolerance * (Math.abs(wanted) || 1);
  if (Math.abs(got - wanted) <= least) return;
  const digits = [4, 7, 10].find((count) => got.toPrecision(count) !== wanted.toPrecision(count)) ?? 16;
  const [given, right] = [got, wanted].map((value) => String(Number(value.toPrecision(digits))));
  const sign = wanted !== 0 && Math.abs(got + wanted) <= least ? " Only the sign is wrong." : "";
  wrong(`${says}: your function gives ${given}, but ${right} is right.${sign}`);
}

/** Hidden tests are run without a type check. @throws Error that blames the hidden test */
function checkedOptions(options: ExpectOptions): Required<ExpectOptions> {
  const { tolerance = 2e-3, says } = (options ?? {}) as Partial<ExpectOptions>;
  if (typeof says !== "string" || says.trim() === "")
    throw new Error('expectClose: `says` has no words; allowed: what the student is told, like "the map differs"');
  if (typeof tolerance !== "number" || !Number.isFinite(tolerance) || tolerance < 0)
    throw new Error(`expectClose: \`tolerance\` is ${String(tolerance)}; allowed: a finite number from 0 on`);
  return { tolerance, says };
}

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** What a hidden test expects. @throws Error that blames the hidden test, where nothing could be compared with it */
function wantedOf(expected: Expected): Values {
  const values = expectedValues(expected);
  if (!values) throw new Error("expectClose: `expected` is neither a number, nor numbers with a shape");
  const { shape, data } = values;
  if (!shape.every((each) => Number.isSafeInteger(each) && each >= 0))
    throw new Error(`expectClose: the expected shape is ${shown(shape)}; allowed: whole numbers from 0 on`);
  const size = shape.reduce((product, each) => product * each, 1);
  if (data.length !== size)
    throw new Error(`expectClose: ${data.length} expected values do not fit the shape ${shown(shape)}`);
  if (size === 0) throw new Error("expectClose: there are no expected values: any answer of that shape would be right");
  if (!Array.from(data).every(Number.isFinite)) throw new Error("expectClose: an expected value is NaN or infinite");
  return values;
}

function expectedValues(expected: Expected): Values | undefined {
  if (ArrayBuffer.isView(expected)) {
    const list = expected as unknown as ArrayLike<number>;
    return { shape: [list.length], data: list };
  }
  if (typeof expected === "object" && expected !== null && !Array.isArray(expected) && "shape" in expected) {
    const { shape, data } = expected;
    return Array.isArray(shape) && typeof data?.length === "number"
      ? { shape: [...(shape as number[])], data }
      : undefined;
  }
  return givenOf(expected as Answer);
}

/**
 * The numbers of an answer with their shape; nothing where it is not made of numbers alone, or has no regular shape.
 */
function givenOf(got: Answer): Values | undefined {
  if (got instanceof StudentTensor) return got;
  const data: number[] = [],
    shape = gathered(got, data);
  return shape && { shape, data };
}

const single: readonly number[] = [];

function gathered(value: Answer, data: number[]): readonly number[] | undefined {
  if (typeof value === "number") {
    data.push(value);
    return single;
  }
  if (value instanceof StudentTensor) {
    for (const each of value.data) data.push(each);
    return value.shape;
  }
  if (!Array.isArray(value)) return undefined;
  let inner: readonly number[] | undefined;
  for (const each of value as readonly Answer[]) {
    const shape = gathered(each, data);
    if (!shape || (inner && shape !== inner && shape.join() !== inner.join())) return undefined;
    inner ??= shape;
  }
  return [value.length, ...(inner ?? [])];
}

function described(value: Answer): string {
  if (Array.isArray(value)) return "a list that is not made of numbers";
  return `${/^[aeiou]/.test(typeof value) ? "an" : "a"} ${typeof value}`;
}

const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
const percent = (share: number): string => `${share < 0.01 ? (100 * share).toPrecision(1) : Math.round(100 * share)} %`;

function wrong(words: string): never {
  throw new AnswerWrong(words[0].toUpperCase() + words.slice(1));
}
