// Names that the compiler does not find, though a cell of the notebook declares them.
import type { CellLog } from "./cell-log";
import { CompileError } from "./errors";

/** "Cannot find name 'a'.", also with a proposal of another. */
const NOT_FOUND = new Set([2304, 2552, 2503]);

/** The refusal with a line for the first such name: which cell has to run. */
export function missingNames(error: CompileError, log: CellLog): CompileError {
  const { hint, diagnostics, cell } = error;
  // A line of another language comes first; what a message means in general comes after what is known of this notebook.
  if (hint?.instead) return error;
  for (const { code, messageText, fileName } of diagnostics) {
    const name = !fileName && NOT_FOUND.has(code) ? /'([^']+)'/.exec(messageText)?.[1] : undefined;
    const words = name === undefined ? undefined : wordsFor(name, log);
    if (words !== undefined) return new CompileError(diagnostics, cell, { text: words });
  }
  return error;
}

function wordsFor(name: string, log: CellLog): string | undefined {
  const found = log.whereIs(name);
  if (!found) return undefined;
  if ("failed" in found)
    return (
      `\`${name}\` is declared in a cell that did not come so far when it ran last (In [${found.failed.count}]). ` +
      `Mend that cell and run it first.`
    );
  return (
    `\`${name}\` is declared in a cell that has not run since the kernel started (${firstLine(found.unrun.source)}). ` +
    `Run it first; "Run All Above Selected Cell" in the menu Run runs all that stands above.`
  );
}

/** A cell's first line that says something, shortened. */
function firstLine(source: string): string {
  const line =
    source
      .split("\n")
      .find((each) => each.trim() !== "")
      ?.trim() ?? "";
  return `\`${line.length > 50 ? `${line.slice(0, 50)} …` : line}\``;
}
