import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import sortBy from "lodash/sortBy";
import { VitrineError, writeAtomically } from "vitrine/dist/kit";
import type { Course } from "./course";
import { hashOfFile } from "./fingerprint";
import { astray, otherName } from "./intake/astray";
import { limits } from "./intake/incoming";
import { isStudentId, shown } from "./intake/names";
import { isParts, readKept } from "./kept-file";
import { timeOfStamp } from "./times";

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
  /**
   * With a problem: the SHA-256 of the notebook that lay in `submitted/` all the same, from before (null for none), and
   * when that was handed in which is the problem.
   */
  instead?: { notebook: string | null; submitted?: string };
  /** A problem that is over: an assistant has put another notebook into `submitted/`. */
  overcome?: string;
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
      const { code } = error as NodeJS.ErrnoException;
      // A file; which is told of where it is a notebook.
      if (code !== "ENOTDIR") refused.push(`submitted/${shown(student)}: it cannot be read (${code}).`);
    }
    if (!folder) {
      const where = astray(submitted, student, sheet);
      if (where) refused.push(`submitted/${shown(student)}: ${where}.`);
      continue;
    }
    if (!isStudentId(student)) refused.push(`submitted/${shown(student)}: such a name cannot stand for a student.`);
    else if (!folder.isDirectory() || !lstatSync(join(submitted, student)).isDirectory())
      refused.push(`submitted/${shown(student)}: it is not a plain folder.`);
    else
      kept.set(student, asItIs(kept.get(student) ?? { name: student, platform: "nbgrader" }, course, student, sheet));
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

/** With what lies in `submitted/` now: nbgrader's note of the time, a notebook that an assistant put there by hand. */
function asItIs(entry: RosterEntry, course: Course, student: string, sheet: string): RosterEntry {
  const folder = course.submitted(student, sheet),
    // A student can put any file in its place.
    stamp = beginningOf(join(folder, "timestamp.txt")),
    time = timeOfStamp(stamp);
  const { problem, overcome, notes = [], ...rest } = entry,
    why = problem ?? overcome;
  const there = why === undefined || !entry.instead ? null : notebookIn(folder, sheet),
    isOver = there !== null && there !== entry.instead?.notebook;
  const misnamed = why === undefined || isOver ? undefined : otherName(folder, sheet);
  const ours = [noTime, byHand, named, ...(isOver ? [wasThere] : [])];
  const said = [
    ...notes.filter((note) => !ours.some((begins) => note.startsWith(begins))),
    ...(misnamed ? [`${named}: ${misnamed}`] : []),
    ...(stamp.trim() && !time ? [unreadStamp(stamp)] : []),
    ...(isOver ? [`${byHand}. Before: ${why}`] : []),
  ];
  return {
    ...rest,
    ...(time && { submitted: time.toISOString() }),
    ...(said.length > 0 && { notes: said }),
    ...(why !== undefined && (isOver ? { overcome: why } : { problem: why })),
  };
}

/** Begins what is said of a notebook that was there before what was handed in last, which is none. */
export const wasThere = "the notebook from before is";
const byHand = "graded is the notebook that was put into submitted/ by hand",
  named = "in submitted/ lies a notebook under another name",
  noTime = "timestamp.txt says no time that can be read";

/** Nobody is late, or in time, without a word. */
const unreadStamp = (stamp: string): string =>
  `${noTime} (${shown(stamp.trim().slice(0, 60))}): whether it came late is for you to say`;

/** The SHA-256 of the notebook that lies in a student's folder; null where there is none that could be graded. */
export function notebookIn(folder: string, sheet: string): string | null {
  let file: number | undefined;
  try {
    file = openSync(join(folder, `${sheet}.ipynb`), PLAIN);
    const { size } = fstatSync(file);
    return fstatSync(file).isFile() && size <= limits.notebook ? hashOfFile(readFileSync(file)) : null;
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Neither another's file by a link, nor a pipe that nobody writes to. */
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Of a plain file that can be read, else nothing: it may be a link, a pipe, or larger than memory. */
function beginningOf(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, PLAIN);
    if (!fstatSync(file).isFile()) return "";
    const bytes = Buffer.alloc(1000);
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } catch {
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
