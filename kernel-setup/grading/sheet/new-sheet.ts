import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { badInput, projectRoot } from "vitrine/dist/kit";
import { sheetAt, type Course, type Sheet } from "./course";

/** A small sheet that is whole: it validates as it stands, so that each change of it can be tried at once. */
const template = (): string => join(projectRoot(), "kernel-setup", "grading", "sheet", "template");

/**
 * Makes source/NAME with a notebook and hidden tests, all of it or nothing.
 * @throws BadInputError for a name that cannot be a folder's, or that is taken
 */
export function newSheet(course: Course, name: string): Sheet {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || name.length > 60) {
    badInput({
      what: "the sheet's name",
      got: name,
      allowed: "small letters, digits and hyphens, such as 06-my-sheet",
    });
  }
  const sheet = sheetAt(course, name);
  if (existsSync(sheet.folder))
    badInput({
      what: "the sheet's name",
      got: name,
      allowed: "a name that is not taken",
      remedy: `${sheet.folder} is there already.`,
    });
  const partial = join(dirname(sheet.folder), `.${name}.${process.pid}.partial`);
  try {
    mkdirSync(partial, { recursive: true });
    cpSync(join(template(), "judge"), join(partial, "judge"), { recursive: true });
    const text = readFileSync(join(template(), "sheet.ipynb"), "utf8");
    writeFileSync(join(partial, `${name}.ipynb`), text.replaceAll("TITLE", titleOf(name)).replaceAll("NAME", name));
    renameSync(partial, sheet.folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return sheet;
}

/** The files of a sheet, relative to its folder. */
export const filesOf = ({ folder }: Sheet): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** `06-my-sheet` → `6 · My sheet`. */
function titleOf(name: string): string {
  const [, number, words] = /^(?:0*(\d+)-)?(.*)$/.exec(name) as RegExpExecArray;
  const title = words.replaceAll("-", " ");
  return `${number ? `${number} · ` : ""}${title.charAt(0).toUpperCase()}${title.slice(1)}`;
}
