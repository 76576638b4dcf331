import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { badInput, projectRoot } from "vitrine/dist/kit";
import { readNotebook, type Notebook } from "./notebook";

/** A student's copy of a sheet. */
export interface StudentSheet {
  readonly file: string;
  readonly notebook: Notebook;
  /** The sheet's name. */
  readonly name: string;
  /** The sheet as it was handed out. */
  readonly released: { readonly file: string; readonly notebook: Notebook };
}

const folders = (): { work: string; release: string } => ({
  work: join(projectRoot(), "notebooks", "work"),
  release: join(projectRoot(), "notebooks", "release"),
});

/** Below any real share: one deleted or added cell makes no other sheet of it. */
const alike = 0.6;

/**
 * A student's notebook and the released sheet that it was made from, whatever the file is called now.
 * @param given a notebook's path, or a sheet's name in notebooks/work; default: the only notebook of the current
 * folder, or of notebooks/work
 * @throws BadInputError, FileError in one line
 */
export function openStudentSheet(given?: string): StudentSheet {
  const file = given === undefined ? onlyNotebook() : pathOf(given);
  const notebook = readNotebook(file);
  const ids = new Set(notebook.cells.map(({ id }) => id));
  const likeness = releasedSheets()
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
        releasedSheets()
          .map(({ name }) => name)
          .join(", ") || "none are released here"
      }.`,
    });
  return { file, notebook, name: best.released.name, released: best.released };
}

function releasedSheets(): { name: string; file: string; notebook: Notebook }[] {
  const { release } = folders();
  if (!existsSync(release)) return [];
  return readdirSync(release)
    .map((name) => ({ name, file: join(release, name, `${name}.ipynb`) }))
    .filter(({ file }) => existsSync(file))
    .map((sheet) => ({ ...sheet, notebook: readNotebook(sheet.file) }));
}

function pathOf(given: string): string {
  const { work } = folders(),
    path = resolve(given),
    named = join(work, given, `${given}.ipynb`);
  if (existsSync(path)) return statSync(path).isDirectory() ? theOnly(path) : path;
  if (existsSync(named)) return named;
  return badInput({
    what: "the notebook",
    got: given,
    allowed: "a notebook's path, or the name of a sheet in notebooks/work",
    remedy: `There: ${sheetsIn(work).join(", ") || "none yet; npm start copies them there"}.`,
  });
}

function onlyNotebook(): string {
  const { work } = folders();
  if (notebooksIn(process.cwd()).length > 0) return theOnly(process.cwd());
  const sheets = sheetsIn(work);
  if (sheets.length === 1) return join(work, sheets[0], `${sheets[0]}.ipynb`);
  return badInput({
    what: "the notebook",
    got: undefined,
    allowed: "a notebook's path, or the name of a sheet in notebooks/work",
    remedy: `There: ${sheets.join(", ") || "none yet; npm start copies them there"}.`,
  });
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
