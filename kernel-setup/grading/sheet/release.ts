import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, runScript, VitrineError } from "vitrine/dist/kit";
import type { Sheet } from "./course";
import { leaksIn, secretsOf, type Leak } from "./secrets";

/**
 * Makes the student's version with nbgrader, in `into`/SHEET.
 * @returns the released notebook's path
 * @throws VitrineError with nbgrader's words
 */
export async function releaseSheet({ name, course }: Sheet, into = join(course.folder, "release")): Promise<string> {
  const script = join(projectRoot(), "notebooks", "tools", "release.mjs");
  const { status, errors } = await runScript(script, [name, "--course", course.folder, "--into", into]);
  if (status !== 0)
    throw new VitrineError(
      `${name} could not be released: ${errors.trim().split("\n").slice(-3).join(" ") || `exit status ${status}`}`,
    );
  return join(into, name, `${name}.ipynb`);
}

/** Secret lines of a sheet that its released notebook still has. */
export function leaksOfRelease(sheet: Sheet, released: string): { leaks: Leak[]; secrets: number } {
  const secrets = secretsOf(sheet);
  return { leaks: leaksIn(`${sheet.name}.ipynb`, readFileSync(released, "utf8"), secrets), secrets: secrets.length };
}

/** In one line. */
export function leakWords(leaks: readonly Leak[]): string {
  const [{ file, line, from }] = leaks;
  return `${leaks.length} secret ${leaks.length === 1 ? "line" : "lines"} would reach students; the first, of ${from}, stands in ${file}: ${line.slice(0, 80)}`;
}
