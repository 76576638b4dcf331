import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { NotANotebook, readNotebook, type NotebookFile } from "./read-notebook";

/** Share of a sheet's own cells that a notebook has when it is that sheet. */
const ENOUGH = 0.5;

/**
 * The sheet that a notebook is, where it is another one than was asked for. Sheets name many cells alike (`task-1`), so
 * only names count that no other sheet has.
 * @param folder `source` of the course @param asked the sheet that was to be handed in
 */
export function wrongSheet(folder: string, asked: string, submission: NotebookFile): string | undefined {
  const there = namesIn(submission),
    sheets = namesBySheet(folder);
  const share = (sheet: string): number => {
    const own = [...sheets.get(sheet)!].filter((name) =>
      [...sheets].every(([other, names]) => other === sheet || !names.has(name)),
    );
    return own.length === 0 ? 0 : own.filter((name) => there.has(name)).length / own.length;
  };
  const best = [...sheets.keys()]
    .filter((sheet) => sheet !== asked)
    .map((sheet) => [sheet, share(sheet)] as const)
    .sort(([, a], [, b]) => b - a)[0];
  return best && best[1] >= ENOUGH && sheets.has(asked) && share(asked) < best[1] / 2 ? best[0] : undefined;
}

/**
 * Those whose source can be read: another sheet that somebody is in the middle of writing is no reason not to grade
 * this one.
 */
function namesBySheet(folder: string): Map<string, Set<string>> {
  const sheets = new Map<string, Set<string>>();
  for (const sheet of sheetsIn(folder)) {
    try {
      sheets.set(sheet, namesIn(readNotebook(notebookOf(folder, sheet))));
    } catch (error) {
      if (!(error instanceof NotANotebook)) throw error;
    }
  }
  return sheets;
}

const notebookOf = (folder: string, sheet: string): string => join(folder, sheet, `${sheet}.ipynb`);
const sheetsIn = (folder: string): string[] =>
  readdirSync(folder).filter((sheet) => existsSync(notebookOf(folder, sheet)));
const namesIn = ({ cells }: NotebookFile): Set<string> =>
  new Set(cells.flatMap(({ gradeId, id }) => gradeId ?? id ?? []));
