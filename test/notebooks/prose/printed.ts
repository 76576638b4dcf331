import { printed } from "../course";
import type { Notebook } from "../../../kernel-setup/course/sheet/notebook";

/** Numbers that a cell printed in the lines of a pattern: one list for each line, of what the groups caught. */
export function printedNumbers(run: Notebook, cell: string, pattern: RegExp): number[][] {
  const found = [...printed(run, cell).matchAll(new RegExp(pattern, "gm"))].map((match) =>
    match.slice(1).map((text) => Number(text.replace("−", "-"))),
  );
  if (found.length === 0) throw new Error(`cell ${cell} printed nothing like ${pattern.source}`);
  return found;
}

/** The one number that the first group catches in what a cell printed. */
export const printedNumber = (run: Notebook, cell: string, pattern: RegExp): number =>
  printedNumbers(run, cell, pattern)[0][0];

/** The numbers in a row of a printed table: the line that begins with its name, after a heading if one is given. */
export function printedRow(run: Notebook, cell: string, name: string, heading = ""): number[] {
  const text = printed(run, cell),
    lines = text.slice(Math.max(0, text.indexOf(heading))).split("\n");
  const line = lines.find((each) => each.startsWith(name));
  if (line === undefined || !text.includes(heading)) throw new Error(`cell ${cell} printed no row ${name}`);
  return [...line.slice(name.length).matchAll(/[+−-]?\d+(?:\.\d+)?/g)].map(([value]) =>
    Number(value.replace("−", "-")),
  );
}
