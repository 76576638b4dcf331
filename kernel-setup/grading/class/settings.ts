import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "vitrine/dist/kit";
import type { Course } from "./course";
import type { LatePolicy } from "./late";

/** What was said once of a sheet's grading and holds until something else is said. */
export interface Settings extends LatePolicy {
  seed?: number;
}

const fileOf = (course: Course, sheet: string): string => join(course.reports(sheet), "settings.json");

export function readSettings(course: Course, sheet: string): Settings {
  return existsSync(fileOf(course, sheet)) ? (JSON.parse(readFileSync(fileOf(course, sheet), "utf8")) as Settings) : {};
}

/** Keeps what is said now over what was said before. */
export async function updateSettings(course: Course, sheet: string, said: Settings): Promise<Settings> {
  const settings = {
    ...readSettings(course, sheet),
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  };
  await writeAtomically(fileOf(course, sheet), `${JSON.stringify(settings, null, 1)}\n`);
  return settings;
}
