import { join, resolve } from "node:path";
import { badInput, nearNames, projectRoot } from "vitrine/dist/kit";
import { sheetsBelow } from "../sheet/course";

/** Where a course keeps what. The folders are nbgrader's; `results` and `reports` are ours. */
export interface Course {
  readonly root: string;
  source(sheet: string): string;
  submitted(student: string, sheet: string): string;
  autograded(student: string, sheet: string): string;
  feedback(student: string, sheet: string): string;
  /** Of one submission: `results.json`. */
  results(student: string, sheet: string): string;
  /** Of one sheet: roster, class page, exports, locks. */
  reports(sheet: string): string;
}

/** @param folder default: `VITRINE_COURSE_ROOT`, else the project's `notebooks/`, as in nbgrader_config.py */
export function courseAt(folder: string = process.env.VITRINE_COURSE_ROOT ?? join(projectRoot(), "notebooks")): Course {
  // The gradebook's helpers and the jobs work in folders of their own.
  const root = resolve(folder);
  const tree =
    (kind: string) =>
    (student: string, sheet: string): string =>
      join(root, kind, student, sheet);
  return {
    root,
    source: (sheet) => join(root, "source", sheet),
    submitted: tree("submitted"),
    autograded: tree("autograded"),
    feedback: tree("feedback"),
    results: tree("results"),
    reports: (sheet) => join(root, "reports", sheet),
  };
}

/** @throws BadInputError that names the sheets there are */
export function knownSheet(course: Course, sheet: string): string {
  const sheets = sheetsBelow(course.root);
  if (sheets.includes(sheet)) return sheet;
  return badInput({
    what: "SHEET",
    got: sheet,
    allowed: sheets.join(", ") || `a folder in ${join(course.root, "source")}, which has none`,
    remedy: sheets.length ? `Did you mean ${nearNames(sheet, sheets, 1)[0]}?` : undefined,
  });
}
