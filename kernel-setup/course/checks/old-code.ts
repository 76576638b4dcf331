// Whether what a check would try is what the notebook says: the task's cell may have failed since, or be edited.
import { notebookHost, type CellPlace, type OutdatedName } from "vitrine/dist/kit";

/** Runs that were looked at and nothing was found: a check calls the student's function many times. */
const fresh = new WeakSet<AbortSignal>();
/** More than these are not listed. */
const MOST = 3;

/** @returns nothing if the running check tries what its cells say, as far as the kernel can know; else words */
export function oldCode(): string | undefined {
  const host = notebookHost();
  if (!host?.outdated || fresh.has(host.signal)) return undefined;
  const found = host.outdated().filter((each) => each.reason !== "twice" || isElsewhere(each));
  if (found.length === 0) {
    fresh.add(host.signal);
    return undefined;
  }
  return found
    .slice(0, MOST)
    .map((each) => wordsFor(each))
    .join("\n");
}

/** What has happened to the cell, and what helps. */
const SAID: Record<OutdatedName["reason"], readonly [happened: string, help: string]> = {
  refused: ["was changed and does not compile", "Mend that cell, run it"],
  failed: ["was changed and stopped with an error", "Mend that cell, run it"],
  interrupted: ["was changed and interrupted", "Run that cell to its end"],
  gone: ["was changed and does not declare it any more", "Give it the name that the task asks for, run its cell"],
  edited: ["was edited after it had run", "Run that cell"],
  deleted: [
    "is not in the notebook any more",
    "The notebook is what counts: put the code into the task's cell, run it",
  ],
  twice: ["is not the task's: two cells declare it", "Rename or delete the other one, run the task's cell"],
};

function wordsFor({ name, reason, cell, other, direct }: OutdatedName): string {
  const [happened, help] = SAID[reason];
  const what = direct ? `\`${name}\`` : `\`${name}\`, which your code uses,`;
  const later = reason === "twice" || other?.count === undefined ? "" : ` (In [${other.count}])`;
  const first = reason === "twice" ? `, ${firstLine(cell)}` : "";
  return (
    `Not checked: the cell of ${what} ${happened}${later}. What would be tried is the code of ` +
    `In [${cell.count}]${first}. ${help}, then run this check again.`
  );
}

/** Is it from some other cell, though the task's cell declares it too? */
const isElsewhere = ({ cell, other }: OutdatedName): boolean => isSolution(other) && !isSolution(cell);

const isSolution = (cell: CellPlace | undefined): boolean =>
  (cell?.metadata?.nbgrader as { solution?: unknown } | undefined)?.solution === true;

function firstLine({ source }: CellPlace): string {
  const line = source.trimStart().split("\n", 1)[0].trimEnd();
  return `\`${line.length > 50 ? `${line.slice(0, 50)} …` : line}\``;
}
