// Single values of options, checked. What a public function takes is declared in a schema (options.ts), by these.
import { badInput } from "./errors";

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
