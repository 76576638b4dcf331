// Single values of options, checked. What a public function takes is declared in a schema (options.ts), by these.
import { badInput } from "./errors";
import { nearNames } from "./text";

/** Numbers allowed: from `least` (or above `above`) to `most` (or below `below`); finite. */
export interface NumberRange {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** A range in words: "an integer from 1 to 10000", "a number above 0 and at most 10". */
export function allowedNumbers(kind: "number" | "integer", { least, above, most, below }: NumberRange): string {
  const article = kind === "integer" ? "an integer" : "a number",
    finite = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);
  if (finite(above) && finite(below)) return `${article} above ${above} and below ${below}`;
  if (finite(above)) return `${article} above ${above}${finite(most) ? ` and at most ${most}` : ""}`;
  if (finite(least)) return finite(most) ? `${article} from ${least} to ${most}` : `${article} ≥ ${least}`;
  return finite(most) ? `${article} ≤ ${most}` : article;
}

/** @throws BadInputError unless `value` is an integer from `least` to `most` */
export function checkInteger(what: string, value: unknown, least = 1, most = Infinity): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    badInput({ what, got: value, allowed: allowedNumbers("integer", { least, most }) });
  return value as number;
}

export function isInRange(
  value: unknown,
  { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity }: NumberRange,
): value is number {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return value >= least && value > above && value <= most && value < below;
}

/** @throws BadInputError unless `value` is a finite number in the range */
export function checkNumber(what: string, value: unknown, range: NumberRange, remedy?: string): number {
  if (!isInRange(value, range)) badInput({ what, got: value, allowed: allowedNumbers("number", range), remedy });
  return value;
}

/** @throws BadInputError unless `value` is one of `names` */
export function checkOneOf<T extends string>(what: string, value: unknown, names: readonly T[]): T {
  if (!(names as readonly unknown[]).includes(value)) {
    const near = typeof value === "string" ? `Did you mean ${nearNames(value, names, 1)[0]}?` : undefined;
    badInput({ what, got: value, allowed: names.join(", "), remedy: near });
  }
  return value as T;
}

/** @throws BadInputError unless `value` is true or false */
export function checkBoolean(what: string, value: unknown): boolean {
  if (typeof value !== "boolean") badInput({ what, got: value, allowed: "true or false" });
  return value;
}
