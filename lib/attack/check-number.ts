import { badInput } from "../errors";

/** @throws BadInputError unless `value` is a number above 0 */
export function checkPositive(what: string, value: unknown, remedy?: string): number {
  if (!(typeof value === "number" && value > 0 && value < Infinity)) badInput({ what, got: value, allowed: "a number above 0", remedy });
  return value;
}
