import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import names from "../course/sheet/sheet-names.cjs";

const { sheetsMeant } = names;

/** The notebooks below `folder`: name (file name without .ipynb) and path, in order of name. */
export function sheetsIn(folder) {
  return notebookFiles(folder)
    .map((path) => ({ name: basename(path, ".ipynb"), path }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function notebookFiles(folder) {
  return everyFile(folder).filter((path) => path.endsWith(".ipynb"));
}

function everyFile(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") ? [] : everyFile(path);
    return [path];
  });
}

/**
 * Gives the student an own copy of everything released. What is there already is never touched, so that an answer
 * is not lost by an update; deleting or renaming a sheet brings a fresh one at the next start.
 * @returns {string[]} what was copied, relative to `to`
 */
export function copyOnce(from, to) {
  mkdirSync(to, { recursive: true });
  return everyFile(from).flatMap((source) => {
    const name = relative(from, source);
    const target = join(to, name);
    if (existsSync(target)) return [];
    mkdirSync(dirname(target), { recursive: true });
    const partial = `${target}.${process.pid}.partial`;
    try {
      copyFileSync(source, partial, constants.COPYFILE_EXCL);
      renameSync(partial, target);
    } finally {
      rmSync(partial, { force: true });
    }
    return [name];
  });
}

/**
 * The sheets meant by `names` (whole, by number, or without it), all if there are none.
 * @throws Error that lists the sheets there are
 */
export function chooseSheets(sheets, names) {
  const all = sheets.map(({ name }) => name);
  const chosen = names.map((word) => {
    const meant = sheetsMeant(word, all);
    if (meant.length === 1) return meant[0];
    if (meant.length > 1) throw new Error(`The sheet ${word} may be ${meant.join(" or ")}: which?`);
    throw new Error(
      `There is no sheet ${word}; there ${sheets.length === 1 ? "is" : "are"}: ${all.join(", ") || "none yet"}.`,
    );
  });
  return names.length === 0 ? sheets : sheets.filter(({ name }) => chosen.includes(name));
}
