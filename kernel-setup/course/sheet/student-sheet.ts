import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { badInput, projectRoot, UsageError } from "vitrine/dist/kit";
import { readNotebook, type Notebook } from "./notebook";
import { oneSheet } from "./one-sheet";

/** A student's copy of a sheet. */
export interface StudentSheet {
  readonly file: string;
  readonly notebook: Notebook;
  /** The sheet's name. */
  readonly name: string;
  /** The sheet as it was handed out. */
  readonly released: { readonly file: string; readonly notebook: Notebook };
}

/** Where a student's copies are, and what was handed out. */
export interface SheetFolders {
  readonly work: string;
  readonly release: string;
}

const folders = (): SheetFolders => ({
  work: join(projectRoot(), "notebooks", "work"),
  release: join(projectRoot(), "notebooks", "release"),
});

/** A sheet that was handed out, and the student's copy, if there is one that can be read. */
export interface SheetCopy extends Omit<StudentSheet, "file" | "notebook"> {
  readonly file: string | undefined;
  readonly notebook: Notebook | undefined;
  /** Why the copy cannot be read. */
  readonly problem: string | undefined;
}

/**
 * Every sheet that was handed out, in order.
 * @param work the student's folder; default: notebooks/work
 */
export function everySheet(work: string = folders().work, release: string = folders().release): SheetCopy[] {
  const at = { work, release };
  return releasedSheets(at).map((released) => {
    const { name } = released,
      file = workFile(at, name);
    if (!existsSync(file)) return { name, released, file: undefined, notebook: undefined, problem: undefined };
    try {
      return { name, released, file, notebook: readNotebook(file), problem: undefined };
    } catch (error) {
      return { name, released, file, notebook: undefined, problem: (error as Error).message };
    }
  });
}

/** Below any real share: one deleted or added cell makes no other sheet of it. */
const alike = 0.6;

/** For `--help` of commands that take one. */
export const notebookWords =
  "NOTEBOOK is a sheet's name, number or title (00-warm-up, 0, warm-up) in notebooks/work, or a path; without it the " +
  "only notebook of the current folder is meant.";

/**
 * A student's notebook and the released sheet that it was made from, whatever the file is called now.
 * @param given a notebook's path, or a sheet's name, number or title in notebooks/work; default: the only notebook of
 * the current folder, or of notebooks/work
 * @throws BadInputError, FileError in one line
 */
export function openStudentSheet(given?: string, at: SheetFolders = folders()): StudentSheet {
  const file = given === undefined ? onlyNotebook(at) : pathOf(given, at);
  const notebook = readNotebook(file);
  const ids = new Set(notebook.cells.map(({ id }) => id));
  const likeness = releasedSheets(at)
    .map((released) => {
      const shared = released.notebook.cells.filter(({ id }) => ids.has(id)).length;
      const named = [basename(file, ".ipynb"), basename(dirname(file))].includes(released.name);
      return { released, share: shared / released.notebook.cells.length, named };
    })
    .filter(({ share }) => share >= alike);
  const best = likeness.sort((a, b) => b.share - a.share || Number(b.named) - Number(a.named))[0];
  if (!best)
    badInput({
      what: "the notebook",
      got: file,
      allowed: "a sheet of this course, with the cells that it came with",
      remedy: `Sheets: ${
        releasedSheets(at)
          .map(({ name }) => name)
          .join(", ") || "none are released here"
      }.`,
    });
  return { file, notebook, name: best.released.name, released: best.released };
}

function releasedSheets({ release }: SheetFolders): { name: string; file: string; notebook: Notebook }[] {
  if (!existsSync(release)) return [];
  return readdirSync(release)
    .sort()
    .map((name) => ({ name, file: join(release, name, `${name}.ipynb`) }))
    .filter(({ file }) => existsSync(file))
    .map((sheet) => ({ ...sheet, notebook: readNotebook(sheet.file) }));
}

function pathOf(given: string, at: SheetFolders): string {
  const path = resolve(given);
  if (existsSync(path)) return statSync(path).isDirectory() ? theOnly(path) : path;
  // With a folder in it, or an ending, it is no sheet's name.
  if (/[\\/]|\.ipynb$/.test(given))
    badInput({
      what: "the notebook",
      got: given,
      allowed: "a notebook's path, or the name, number or title of a sheet in notebooks/work",
      remedy: `No file is there. Sheets: ${sheetNames(at).join(", ") || "none are released here"}.`,
    });
  const name = oneSheet("the sheet", given, sheetNames(at));
  if (name !== undefined && existsSync(workFile(at, name))) return workFile(at, name);
  return badInput({
    what: "the sheet",
    got: given,
    allowed: `a sheet that is in ${at.work}`,
    remedy: name === undefined ? "None are released here." : `npm start copies ${name} there.`,
  });
}

function onlyNotebook(at: SheetFolders): string {
  const sheets = sheetsIn(at.work);
  return notebooksIn(process.cwd()).length === 0 && sheets.length === 1
    ? workFile(at, sheets[0])
    : theOnly(process.cwd());
}

const workFile = ({ work }: SheetFolders, name: string): string => join(work, name, `${name}.ipynb`);

/** Of the student's own copies and of what was handed out. */
const sheetNames = (at: SheetFolders): string[] => [...new Set([...sheetsIn(at.work), ...sheetsIn(at.release)])].sort();

/**
 * The sheets that there are, for a command that was called without one; undefined where the current folder, or
 * notebooks/work, has one notebook and no more, which is then meant.
 * @param command as it is typed: `check`
 */
export function sheetList(command: string, at: SheetFolders = folders()): string | undefined {
  if (notebooksIn(process.cwd()).length > 0 || sheetsIn(at.work).length === 1) return undefined;
  const names = sheetNames(at);
  if (names.length === 0) throw new UsageError(`No sheets are released in ${at.release}: which notebook?`);
  const width = Math.max(...names.map((name) => name.length));
  const number = /^\d+/.exec(names[0])?.[0],
    later = names.filter((name) => !existsSync(workFile(at, name)));
  return [
    `Which sheet? For instance: npx vitrine ${command} ${number === undefined ? names[0] : Number(number)}`,
    ...names.map((name) => `${later.includes(name) ? "* " : "  "}${name.padEnd(width)}  ${titleOf(at, name)}`),
    ...(later.length > 0 ? ["* not in notebooks/work yet: npm start copies it there"] : []),
  ].join("\n");
}

/** The notebook's first heading. */
function titleOf(at: SheetFolders, name: string): string {
  const file = [join(at.release, name, `${name}.ipynb`), workFile(at, name)].find(existsSync)!;
  const heading = readNotebook(file).cells.map(({ source }) => /^# (.*)/m.exec([source].flat().join(""))?.[1]);
  return heading.find((each) => each !== undefined) ?? "";
}

function theOnly(folder: string): string {
  const notebooks = notebooksIn(folder);
  if (notebooks.length === 1) return join(folder, notebooks[0]);
  return badInput({
    what: "the notebook",
    got: folder,
    allowed: "a notebook, or a folder with one notebook in it",
    remedy: `It has ${notebooks.length === 0 ? "none" : notebooks.join(", ")}.`,
  });
}

const notebooksIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".ipynb"))
    .sort();
const sheetsIn = (work: string): string[] =>
  existsSync(work)
    ? readdirSync(work)
        .filter((name) => existsSync(join(work, name, `${name}.ipynb`)))
        .sort()
    : [];
