import { existsSync, readFileSync } from "node:fs";
import { VitrineError } from "vitrine/dist/kit";

/**
 * What we wrote down for the next time, as JSON with named parts. A full disk or a slip in an editor damages it: then
 * it is said which file it is, and what to do.
 * @param remedy what is lost when it is removed
 * @returns undefined where there is none
 * @throws VitrineError in one line
 */
export function readKept(file: string, remedy: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  const damaged = (why: string): never => {
    throw new VitrineError(`${file} is damaged: ${why}. ${remedy}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return damaged(
      error instanceof SyntaxError ? "it is not JSON" : ((error as NodeJS.ErrnoException).code ?? "it cannot be read"),
    );
  }
  if (isParts(value)) return value;
  return damaged("it has no named parts");
}

export const isParts = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
