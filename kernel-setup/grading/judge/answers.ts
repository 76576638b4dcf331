import { StudentFault } from "./student-fault";

/** A tensor that the student's function returned. */
export class StudentTensor {
  constructor(readonly shape: readonly number[], readonly dtype: "float32" | "int32" | "bool", readonly data: Float32Array) {}
}

/** What a student's function may return: data and nothing else. */
export type Answer = number | string | boolean | null | undefined | StudentTensor | readonly Answer[] | { readonly [name: string]: Answer };

const MOST_VALUES = 4_000_000, MOST_DEPTH = 8, MOST_TEXT = 100_000;

/**
 * Makes an answer of what the sandbox sent. Nothing of it is trusted: every value is looked at, and copied into objects of ours.
 * @throws StudentFault
 */
export function decodeAnswer(sent: unknown): Answer {
  let count = 0;
  const values = (more: number): void => {
    count += more;
    if (count > MOST_VALUES) refuse(`it has more than ${MOST_VALUES.toLocaleString("en")} values`);
  };
  const decode = (value: unknown, depth: number): Answer => {
    if (depth > MOST_DEPTH) refuse(`it is nested more than ${MOST_DEPTH} deep`);
    values(1);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "number") return value;
    if (typeof value === "string") return value.length > MOST_TEXT ? refuse("a text in it is too long") : value;
    if (Array.isArray(value)) return value.map((each) => decode(each, depth + 1));
    if (typeof value !== "object") return refuse("it is of no kind that can be sent");
    const { t: kind, v: held } = value as { t?: unknown; v?: unknown };
    switch (kind) {
      case "number": return ({ NaN, Infinity, "-Infinity": -Infinity } as Record<string, number>)[String(held)] ?? refuse("a number in it is none");
      case "undefined": return undefined;
      case "other": return refuse(`there is ${String(held).slice(0, 60)} in it`);
      case "tensor": return tensorOf(value as Record<string, unknown>, values);
      case "object": {
        if (!Array.isArray(held)) return refuse("an object in it is none");
        const pairs = held.map((pair: unknown) => {
          if (!Array.isArray(pair) || typeof pair[0] !== "string" || pair[0].length > 200) return refuse("an object in it is none");
          return [pair[0], decode(pair[1], depth + 1)] as const;
        });
        return Object.fromEntries(pairs);
      }
      default: return refuse("it is of no kind that can be sent");
    }
  };
  return decode(sent, 0);
}

function tensorOf({ shape, dtype, data }: Record<string, unknown>, values: (more: number) => void): StudentTensor {
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every((each) => Number.isInteger(each) && each >= 0)) return refuse("a tensor's shape in it is none");
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") return refuse("a tensor in it is of a type that cannot be sent");
  const size = (shape as number[]).reduce((product, each) => product * each, 1);
  values(size);
  if (typeof data !== "string") return refuse("a tensor in it has no values");
  const bytes = Buffer.from(data, "base64");
  if (bytes.length !== 4 * size) return refuse("a tensor's values do not fit its shape");
  return new StudentTensor([...(shape as number[])], dtype, new Float32Array(Uint8Array.from(bytes).buffer));
}

function refuse(why: string): never {
  throw new StudentFault("answer", `Your function's result cannot be read: ${why}.`);
}
