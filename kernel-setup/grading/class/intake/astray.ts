// Notebooks that somebody has put into submitted/ by hand, and not where they are looked for: told, not left unlisted.
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isNotebook, isNamedLike } from "./choose";
import { shown } from "./names";

/**
 * Where a notebook of the sheet lies that no STUDENT/SHEET/ has, in words.
 * @param name of a file or folder in `submitted/` that has no folder for the sheet
 */
export function astray(submitted: string, name: string, sheet: string): string | undefined {
  const place = join(submitted, name),
    turned = name === sheet;
  const remedy = `put it into submitted/STUDENT/${sheet}/`;
  if (!isFolder(place)) return isNotebook(name) ? `it lies in no student's folder: ${remedy}` : undefined;
  const inside = namesIn(place),
    // Of a folder that is called like the sheet all are, also those in folders called like students.
    found = inside.find((each) =>
      turned ? isNotebook(each) || namesIn(join(place, each)).some(isNotebook) : isNamedLike(each, sheet),
    );
  if (found === undefined) return undefined;
  return turned
    ? `${shown(found)} lies in a folder of the sheet, not of a student: ${remedy}`
    : `${shown(found)} lies beside the folder ${sheet}/, not in it: ${remedy}`;
}

/** What the notebook is called in a student's folder of the sheet, where none has the sheet's name; with the remedy. */
export function otherName(folder: string, sheet: string): string | undefined {
  if (existsSync(join(folder, `${sheet}.ipynb`))) return undefined;
  const found = namesIn(folder).find(isNotebook);
  return found && `${shown(found)} is graded once it is called ${sheet}.ipynb`;
}

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Nothing of what is a link, or may not be looked into. */
function namesIn(folder: string): string[] {
  try {
    return isFolder(folder) ? readdirSync(folder).sort() : [];
  } catch {
    return [];
  }
}
