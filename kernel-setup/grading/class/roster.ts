import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import sortBy from "lodash/sortBy";
import { VitrineError, writeAtomically } from "vitrine/dist/kit";
import type { Course } from "./course";
import { isStudentId, shown } from "./intake/names";
import { isParts, readKept } from "./kept-file";

/** What is known of one submission beside its notebook. */
export interface RosterEntry {
  name: string;
  platform?: "moodle" | "canvas" | "nbgrader";
  /** The platform's number, for the export. */
  number?: string;
  /** The platform said that it came late. */
  late?: boolean;
  /** When it was handed in, ISO 8601. */
  submitted?: string;
  /** Anything the assistant should know. */
  notes?: string[];
  /** Why there is no notebook that could be graded. */
  problem?: string;
}

export type Roster = Record<string, RosterEntry>;

const fileOf = (course: Course, sheet: string): string => join(course.reports(sheet), "roster.json");

/**
 * Who handed in: those the roster names, and every folder that lies in `submitted/`.
 * @returns also the folders that cannot be a student's, with the reason
 */
export function readRoster(course: Course, sheet: string): { roster: Roster; refused: string[] } {
  const kept = new Map(Object.entries(keptRoster(fileOf(course, sheet))));
  const refused: string[] = [];
  const submitted = join(course.root, "submitted");
  for (const student of existsSync(submitted) ? readdirSync(submitted).sort() : []) {
    let folder: Stats | undefined;
    try {
      folder = lstatSync(course.submitted(student, sheet), { throwIfNoEntry: false });
    } catch (error) {
      refused.push(`submitted/${shown(student)}: it cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    }
    if (!folder) continue;
    if (!isStudentId(student)) refused.push(`submitted/${shown(student)}: such a name cannot stand for a student.`);
    else if (!folder.isDirectory() || !lstatSync(join(submitted, student)).isDirectory())
      refused.push(`submitted/${shown(student)}: it is not a plain folder.`);
    else
      kept.set(student, {
        ...(kept.get(student) ?? { name: student, platform: "nbgrader" }),
        ...timeIn(course.submitted(student, sheet)),
      });
  }
  return { roster: Object.fromEntries(sortBy([...kept], ([student]) => student)), refused };
}

function keptRoster(file: string): Roster {
  const remedy =
    "Put a copy back, or remove it and take the download in again (--from): it has names, numbers and times.";
  const kept = readKept(file, remedy) ?? {};
  const odd = Object.keys(kept).find((student) => !isParts(kept[student]) || typeof kept[student].name !== "string");
  if (odd !== undefined) throw new VitrineError(`${file} is damaged: it has no name for ${shown(odd)}. ${remedy}`);
  return kept as Roster;
}

export async function writeRoster(course: Course, sheet: string, roster: Roster): Promise<void> {
  await writeAtomically(fileOf(course, sheet), `${JSON.stringify(roster, null, 1)}\n`);
}

/** nbgrader's own note of when it was handed in: `2026-11-24 18:00:00 UTC`. A student can put any file in its place. */
function timeIn(folder: string): { submitted?: string } {
  const time = timeOfStamp(beginningOf(join(folder, "timestamp.txt")));
  return time ? { submitted: time.toISOString() } : {};
}

/** Of a plain file that can be read, else nothing: it may be a link, a pipe, or larger than memory. */
function beginningOf(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) return "";
    const bytes = Buffer.alloc(1000);
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } catch {
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Of such a note; nothing where it names no time, or one of a year that Python's dates do not have. */
export function timeOfStamp(note: string): Date | undefined {
  const text = note.trim().slice(0, 60);
  const time = new Date(text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) (?:UTC|\+0000)$/, "$1T$2Z"));
  return time.getTime() > 0 && time.getUTCFullYear() <= 9999 ? time : undefined;
}

export const timestampText = (time: Date): string =>
  `${time.toISOString().replace("T", " ").replace(/\..*/, "")} UTC\n`;
