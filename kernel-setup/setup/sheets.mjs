import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

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
 * The sheets meant by `names`, all if there are none.
 * @throws Error that lists the sheets there are
 */
export function chooseSheets(sheets, names) {
  const unknown = names.find((name) => !sheets.some((sheet) => sheet.name === name.replace(/\.ipynb$/, "")));
  if (unknown !== undefined)
    throw new Error(
      `There is no sheet ${unknown}; there ${sheets.length === 1 ? "is" : "are"}: ` +
        `${sheets.map(({ name }) => name).join(", ") || "none yet"}.`,
    );
  return names.length === 0
    ? sheets
    : sheets.filter(({ name }) => names.some((each) => each.replace(/\.ipynb$/, "") === name));
}
