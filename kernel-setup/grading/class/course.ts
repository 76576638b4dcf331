// Where a course's files are, how a sheet of it is graded, and what coming late costs.
import { join, resolve } from "node:path";
import { oneSheet } from "vitrine-course/dist/sheet/one-sheet";
import { badInput, projectRoot, VitrineError, writeAtomically } from "vitrine/dist/kit";
import { sheetsBelow } from "../sheet/course";
import { readKept } from "./kept-file";
import { timeOf } from "./times";

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

/**
 * The sheet's whole name.
 * @param word its name, its number, or its name without the number
 * @throws BadInputError that names the sheets there are
 */
export function knownSheet(course: Course, word: string): string {
  const sheets = sheetsBelow(course.root);
  return (
    oneSheet("SHEET", word, sheets) ??
    badInput({ what: "SHEET", got: word, allowed: `a folder in ${join(course.root, "source")}, which has none` })
  );
}

/** What was said once of a sheet's grading and holds until something else is said. */
export interface Settings extends LatePolicy {
  seed?: number;
}

const fileOf = (course: Course, sheet: string): string => join(course.reports(sheet), "settings.json");

/** What each may be, in the file's own form. */
const allowed: Record<keyof Settings, readonly [(value: unknown) => boolean, string]> = {
  due: [(value) => typeof value === "string" && timeOf(value) !== undefined, 'a time such as "2026-11-30T23:59:00Z"'],
  penalty: [(value) => typeof value === "number" && value >= 0 && value <= 100, "a number from 0 to 100, in percent"],
  grace: [(value) => typeof value === "number" && value >= 0 && value < Infinity, "a number from 0 on, in minutes"],
  seed: [Number.isSafeInteger, "a whole number of no more than 15 digits"],
};

/** @throws VitrineError where somebody has written something else into the file: nobody's points are to come of it */
export function readSettings(course: Course, sheet: string): Settings {
  const file = fileOf(course, sheet),
    remedy = "Remove it, and say due time, penalty, grace and seed again where they were said.";
  const kept = readKept(file, remedy) ?? {};
  for (const [name, [right, words]] of Object.entries(allowed)) {
    if (kept[name] === undefined || right(kept[name])) continue;
    throw new VitrineError(`${file}: ${name} is ${JSON.stringify(kept[name]).slice(0, 60)}; allowed: ${words}.`);
  }
  return kept;
}

/**
 * Keeps what is said now over what was said before.
 * @throws BadInputError for what could not be read the next time
 */
export async function updateSettings(course: Course, sheet: string, said: Settings): Promise<Settings> {
  for (const [name, [right, words]] of Object.entries(allowed)) {
    const value = said[name as keyof Settings];
    if (value !== undefined && !right(value)) badInput({ what: name, got: value, allowed: words });
  }
  const settings = {
    ...readSettings(course, sheet),
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  };
  await writeAtomically(fileOf(course, sheet), `${JSON.stringify(settings, null, 1)}\n`);
  return settings;
}

/** What coming late costs. */
interface LatePolicy {
  /** ISO 8601; without one nothing but the platform's own flag is late. */
  due?: string;
  /** Percent of the sheet's points for every day begun. Default: 0. */
  penalty?: number;
  /** Minutes after `due` that cost nothing. Default: 0. */
  grace?: number;
}

export interface Lateness {
  days: number;
  /** Points taken off, never more than there are to get. */
  points: number;
}

/**
 * Every day begun after the due time and the grace counts whole. Where the platform says late (Canvas) and no time
 * tells how much, it is one day; where Canvas does not say late, it is not.
 */
export function lateness(
  { due, penalty = 0, grace = 0 }: LatePolicy,
  entry: { submitted?: string; late?: boolean; platform?: string },
  max: number,
): Lateness {
  const late =
    entry.platform === "canvas" && !entry.late
      ? 0
      : due && entry.submitted
        ? Date.parse(entry.submitted) - Date.parse(due) - grace * 60_000
        : 0;
  const days = Math.max(entry.late ? 1 : 0, late > 0 ? Math.ceil(late / 86_400_000) : 0);
  return { days, points: Math.min(max, (days * penalty * max) / 100) };
}
