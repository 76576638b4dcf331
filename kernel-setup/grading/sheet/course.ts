import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { oneSheet } from "vitrine-course/dist/sheet/one-sheet";
import { badInput, projectRoot } from "vitrine/dist/kit";

/** An nbgrader course: a folder with source/SHEET and release/SHEET. */
export interface Course {
  readonly folder: string;
  /** The sheets that have a source, in order. */
  readonly sheets: readonly string[];
}

/** A sheet's place in a course. */
export interface Sheet {
  readonly name: string;
  readonly course: Course;
  /** Its folder in source/. */
  readonly folder: string;
  readonly notebook: string;
  /** The folder of its hidden tests. */
  readonly judge: string;
}

/** @param folder default: the project's notebooks/ */
export function openCourse(folder = join(projectRoot(), "notebooks")): Course {
  const absolute = resolve(folder);
  if (!existsSync(absolute)) badInput({ what: "course", got: folder, allowed: "a folder with source/ in it" });
  return { folder: absolute, sheets: sheetsBelow(absolute) };
}

/** The sheets that have a source in a course's folder, in order. */
export function sheetsBelow(course: string): string[] {
  const source = join(course, "source");
  return existsSync(source)
    ? readdirSync(source, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
        .map(({ name }) => name)
        .sort()
    : [];
}

/**
 * @param word a sheet's name, its number, or its name without the number
 * @throws BadInputError for a sheet that the course does not have
 */
export function sheetOf(course: Course, word: string): Sheet {
  const name =
    oneSheet("sheet", word, course.sheets) ??
    badInput({ what: "sheet", got: word, allowed: "none yet: make one with npx vitrine sheet new NAME" });
  return sheetAt(course, name);
}

export function sheetAt(course: Course, name: string): Sheet {
  const folder = join(course.folder, "source", name);
  return { name, course, folder, notebook: join(folder, `${name}.ipynb`), judge: join(folder, "judge") };
}

/** The files of a sheet's hidden tests: one for each task, and what they share. */
export function judgeFiles({ judge }: Sheet): string[] {
  return existsSync(judge)
    ? readdirSync(judge)
        .filter((file) => file.endsWith(".ts"))
        .sort()
        .map((file) => join(judge, file))
    : [];
}
