// The students' version of a sheet, and the lines that must not be in it.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isAnswer, isTask, readNotebook, solutionIn, sourceOf } from "vitrine-course/dist/sheet/notebook";
import { projectRoot, runScript, VitrineError } from "vitrine/dist/kit";
import { judgeFiles, type Sheet } from "./course";

/** A line that no student may get. */
interface Secret {
  readonly line: string;
  /** Where it stands in the source: a cell, or a file of hidden tests. */
  readonly from: string;
}

/** Shorter lines (`return x;`) say nothing of an answer, and stand anywhere. */
const shortest = 25;

/** Every telling line of a sheet's solutions, model answers, rubrics and hidden tests. */
export function secretsOf(sheet: Sheet): Secret[] {
  const found: Secret[] = [];
  const keep = (text: string, from: string, secret: (line: string) => boolean = () => true): void => {
    for (const line of text.split("\n").map((each) => each.trim()))
      if (line.length >= shortest && secret(line)) found.push({ line, from });
  };
  let begun = "";
  for (const cell of readNotebook(sheet.notebook).cells) {
    const whole = sourceOf(cell),
      hidden = /\/\/\/ BEGIN HIDDEN TESTS([\s\S]*?)\/\/\/ END HIDDEN TESTS/.exec(whole)?.[1];
    if (isTask(cell)) {
      const solution = solutionIn(whole);
      keep(solution ?? whole, cell.id);
      if (solution !== undefined) begun += `\n${whole.replace(solution, "")}`;
    }
    if (isAnswer(cell)) keep(whole, cell.id);
    if (hidden) keep(hidden, cell.id);
  }
  // A mutant begins as the function asked for does, which every student sees. In any other cell a line of a hidden test
  // is a slip.
  for (const file of judgeFiles(sheet))
    keep(readFileSync(file, "utf8"), `judge/${basename(file)}`, (line) => !begun.includes(line));
  return found;
}

export interface Leak extends Secret {
  readonly file: string;
}

/** The secrets that a file's text has, as they are or as JSON writes them. */
export function leaksIn(file: string, text: string, secrets: readonly Secret[]): Leak[] {
  return secrets
    .filter(({ line }) => text.includes(line) || text.includes(JSON.stringify(line).slice(1, -1)))
    .map((secret) => ({ ...secret, file }));
}

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
  return (
    `${leaks.length} secret ${leaks.length === 1 ? "line" : "lines"} would reach students; the first, of ${from}, ` +
    `stands in ${file}: ${line.slice(0, 80)}`
  );
}
