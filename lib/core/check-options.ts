import { badInput } from "./errors";
import { nearNames } from "./text";

/** @throws BadInputError unless `value` is an integer from `least` to `most` */
export function checkInteger(what: string, value: unknown, least = 1, most = Infinity): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    badInput({
      what,
      got: value,
      allowed: most === Infinity ? `an integer ≥ ${least}` : `an integer from ${least} to ${most}`,
    });
  }
  return value as number;
}

/** @throws BadInputError unless `value` is a number above `above` and at most `most` */
export function checkNumber(
  what: string,
  value: unknown,
  { above = -Infinity, most }: { above?: number; most: number },
): number {
  if (!(typeof value === "number" && value > above && value <= most))
    badInput({ what, got: value, allowed: `a number above ${above} and at most ${most}` });
  return value as number;
}

/** @throws BadInputError unless `value` is a number above 0 */
export function checkPositive(what: string, value: unknown, remedy?: string): number {
  if (!(typeof value === "number" && value > 0 && value < Infinity))
    badInput({ what, got: value, allowed: "a number above 0", remedy });
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
