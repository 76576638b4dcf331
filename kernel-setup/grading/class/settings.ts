import { join } from "node:path";
import { VitrineError, writeAtomically } from "vitrine/dist/kit";
import type { Course } from "./course";
import { readKept } from "./kept-file";
import type { LatePolicy } from "./late";

/** What was said once of a sheet's grading and holds until something else is said. */
export interface Settings extends LatePolicy {
  seed?: number;
}

const fileOf = (course: Course, sheet: string): string => join(course.reports(sheet), "settings.json");

/** What each may be, in the file's own form. */
const allowed: Record<keyof Settings, readonly [(value: unknown) => boolean, string]> = {
  due: [
    (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
    'a time such as "2026-11-30T23:59:00Z"',
  ],
  penalty: [(value) => typeof value === "number" && value >= 0 && value <= 100, "a number from 0 to 100, in percent"],
  grace: [(value) => typeof value === "number" && value >= 0, "a number from 0 on, in minutes"],
  seed: [Number.isSafeInteger, "a whole number"],
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

/** Keeps what is said now over what was said before. */
export async function updateSettings(course: Course, sheet: string, said: Settings): Promise<Settings> {
  const settings = {
    ...readSettings(course, sheet),
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  };
  await writeAtomically(fileOf(course, sheet), `${JSON.stringify(settings, null, 1)}\n`);
  return settings;
}
