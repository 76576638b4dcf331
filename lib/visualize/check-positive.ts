import { badInput } from "../errors";

/** @throws BadInputError */
export function checkPositive(what: string, value: unknown): void {
  if (!(typeof value === "number" && value > 0 && value < Infinity)) badInput({ what, got: value, allowed: "a number above 0" });
}
