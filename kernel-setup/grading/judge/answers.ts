// What a student's function returned, read from what the sandbox sent: the only place where such data becomes ours.
import { StudentFault } from "./student-fault";

/** A tensor that the student's function returned. Its values are as many as its shape says. */
export class StudentTensor {
  constructor(
    readonly shape: readonly number[],
    readonly dtype: "float32" | "int32" | "bool",
    readonly data: Float32Array,
  ) {}
}

/** An object with named parts. It has no prototype: a name that the student did not give it leads to nothing. */
export type StudentRecord = { readonly [name: string]: Answer };

/** What a student's function may return: data and nothing else. */
export type Answer = number | string | boolean | null | undefined | StudentTensor | readonly Answer[] | StudentRecord;

const MOST_VALUES = 4_000_000,
  MOST_DEPTH = 8,
  MOST_TEXT = 100_000,
  MOST_PARTS = 1000,
  MOST_NAME = 200;
/** What `encodeAnswer` calls what it does not send: its words may be forged, and reasons are shown to a class. */
const OTHERS = new Set<unknown>([
  "a function",
  "a symbol",
  "a bigint",
  "a circle",
  "a list of too many values",
  "a tensor of too many values",
  "a tensor of complex numbers",
  "a tensor of texts",
  "a text of too many letters",
]);
const NUMBERS = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/**
 * Makes an answer of what the sandbox sent. Nothing of it is trusted: each value is looked at and copied into objects
 * of ours, and what has another form than `encodeAnswer` gives it is refused.
 * @throws StudentFault
 */
export function decodeAnswer(sent: unknown): Answer {
  let count = 0;
  const counted = (more: number): void => {
    count += more;
    if (!(count <= MOST_VALUES)) refuse(`it has more than ${MOST_VALUES.toLocaleString("en")} values`);
  };
  const decode = (value: unknown, depth: number): Answer => {
    if (depth > MOST_DEPTH) refuse(`it is nested more than ${MOST_DEPTH} deep`);
    counted(1);
    if (value === null || typeof value === "boolean" || typeof value === "number") return value;
    if (typeof value === "string") return value.length > MOST_TEXT ? refuse("a text in it is too long") : value;
    if (Array.isArray(value)) return value.map((each) => decode(each, depth + 1));
    if (typeof value !== "object") return refuse("it is of no kind that can be sent");
    const { t: kind, v: held } = value as { t?: unknown; v?: unknown };
    switch (kind) {
      case "number":
        return NUMBERS.get(held as string) ?? refuse("a number in it is none");
      case "undefined":
        return undefined;
      case "other":
        return refuse(`there is ${OTHERS.has(held) ? String(held) : "something that cannot be sent"} in it`);
      case "tensor":
        return tensorOf(value as Record<string, unknown>, counted);
      case "object":
        return recordOf(held, (each) => decode(each, depth + 1));
      default:
        return refuse("it is of no kind that can be sent");
    }
  };
  return decode(sent, 0);
}

function recordOf(held: unknown, decode: (value: unknown) => Answer): StudentRecord {
  if (!Array.isArray(held)) return refuse("an object in it is none");
  if (held.length > MOST_PARTS) return refuse(`an object in it has more than ${MOST_PARTS} parts`);
  // Printed by a hidden test it must give words, whatever its parts are called.
  const record = Object.defineProperty(Object.create(null) as Record<string, Answer>, Symbol.toPrimitive, {
    value: () => "an object",
  });
  for (const pair of held as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string" || pair[0].length > MOST_NAME) {
      return refuse("an object in it is none");
    }
    record[pair[0]] = decode(pair[1]);
  }
  return record;
}

function tensorOf({ shape, dtype, data }: Record<string, unknown>, counted: (more: number) => void): StudentTensor {
  const isSize = (each: unknown): boolean => Number.isSafeInteger(each) && (each as number) >= 0;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isSize))
    return refuse("a tensor's shape in it is none");
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
    return refuse("a tensor in it is of a type that cannot be sent");
  }
  const size = (shape as number[]).reduce((product, each) => product * each, 1);
  counted(size);
  if (typeof data !== "string" || data.length !== 4 * Math.ceil((4 * size) / 3)) {
    return refuse("a tensor's values do not fit its shape");
  }
  const bytes = Buffer.from(data, "base64");
  if (bytes.length !== 4 * size) return refuse("a tensor's values do not fit its shape");
  return new StudentTensor([...(shape as number[])], dtype, new Float32Array(Uint8Array.from(bytes).buffer));
}

function refuse(why: string): never {
  throw new StudentFault("answer", `Your function's result cannot be read: ${why}.`);
}
