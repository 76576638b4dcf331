import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { judgeFiles, type Sheet } from "./course";
import { isAnswer, isTask, readNotebook, solutionIn, sourceOf } from "vitrine-course/dist/sheet/notebook";

/** A line that no student may get. */
export interface Secret {
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
