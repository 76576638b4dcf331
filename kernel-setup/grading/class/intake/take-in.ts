import { lstatSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { badInput, writeTogether } from "vitrine/dist/kit";
import type { Course } from "../course";
import { notebookIn, readRoster, wasThere, writeRoster, type Roster, type RosterEntry } from "../roster";
import { timeOfStamp, timestampText } from "../times";
import { chooseNotebook, type OwnFile } from "./choose";
import { openFolder, readPlain } from "./folder-files";
import { IntakeError, limits, type Incoming } from "./incoming";
import { courseFolders, originOf, platformOf, shown } from "./names";
import { openZip } from "./zip-files";

export interface TakenIn {
  /** Students with a notebook now, or with the reason why not in the roster. */
  students: string[];
  /** Files that were left out, with the reason. */
  refused: string[];
}

/**
 * Copies what a class handed in to nbgrader's `submitted/STUDENT/SHEET/SHEET.ipynb`, and what is known of it to the
 * roster. Who took in the same download before loses nothing; a newer notebook replaces an older one.
 * @param from a Moodle or Canvas download (zip, or unpacked), or a folder or zip in nbgrader's form
 */
export async function takeIn(course: Course, sheet: string, from: string): Promise<TakenIn> {
  const kind = statSync(from, { throwIfNoEntry: false });
  if (!kind || !(kind.isDirectory() || kind.isFile()))
    return badInput({ what: "--from", got: from, allowed: "a zip file or a folder that there is" });
  if (kind.isDirectory()) notOurOwn(course, from);
  const ownerOf = (path: string): string => ownerIn(path, sheet);
  const incoming = kind.isDirectory() ? await openFolder(from, ownerOf) : await openZip(from, limits.entries, ownerOf);
  try {
    const { roster } = readRoster(course, sheet);
    const { byStudent, refused } = sorted(incoming, sheet, roster);
    if (byStudent.size === 0) {
      badInput({
        what: "--from",
        got: from,
        allowed:
          `a download of Moodle (NAME_NUMBER_assignsubmission_file_/…), of Canvas (name_NUMBER_NUMBER_…), or ` +
          `folders STUDENT/${sheet}/`,
        remedy: refused.length
          ? `Left out: ${refused.find((each) => /\.(ipynb|zip)"/i.test(each)) ?? refused[0]}`
          : undefined,
      });
    }
    // In an object a folder called `__proto__` would be nobody.
    const all = new Map(Object.entries(roster));
    for (const [student, files] of byStudent)
      all.set(student, await one(course, sheet, student, files, all.get(student)));
    await writeRoster(course, sheet, Object.fromEntries(all));
    return { students: [...byStudent.keys()].sort(), refused };
  } finally {
    await incoming.close();
  }
}

/**
 * The course keeps other copies of its notebooks: taken in, they would be students, or take the place of what was
 * handed in.
 */
function notOurOwn(course: Course, from: string): void {
  const place = relative(realpathSync(course.root), realpathSync(from)).split(sep);
  if (!courseFolders.has(place[0]) && place.some((part) => part !== ".." && part !== "")) return;
  badInput({
    what: "--from",
    got: from,
    allowed: "a folder with what was handed in",
    remedy: "In that one are the course's own notebooks too. What lies in submitted/ is graded without --from.",
  });
}

/** Whose file it is, as far as its path alone says so: enough to count by. */
function ownerIn(path: string, sheet: string): string {
  const origin = safePath(path) ? originOf(path, sheet) : undefined;
  return typeof origin === "object" ? `${origin.platform} ${origin.number ?? origin.student}` : "";
}

function sorted(
  { files, left = 0 }: Incoming,
  sheet: string,
  roster: Roster,
): { byStudent: Map<string, OwnFile[]>; refused: string[] } {
  const byStudent = new Map<string, OwnFile[]>(),
    refused: string[] = [];
  // Who was taken in under another id keeps it.
  const known = new Map(
    Object.entries(roster).flatMap(([student, { platform, number }]) =>
      number ? [[`${platform} ${number}`, student]] : [],
    ),
  );
  const owners = new Map<string, string>();
  const platform = platformOf(files.map(({ path }) => path)),
    own = new Set(files.filter(({ path }) => !platformOf([path])).map(({ path }) => dirname(path)));
  for (const incoming of files) {
    if (/(^|\/)__MACOSX\/|(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(incoming.path)) continue;
    // A student's own folder has other files too, and one there may be called like another student's download.
    const given = own.has(dirname(incoming.path)) && basename(dirname(incoming.path)) === sheet ? undefined : platform;
    const origin = incoming.refused && !safePath(incoming.path) ? undefined : originOf(incoming.path, sheet, given);
    if (typeof origin !== "object") {
      if (/(^|\/)\.ipynb_checkpoints\//.test(incoming.path)) continue;
      refused.push(`${shown(incoming.path)}: ${origin ?? incoming.refused ?? "its name says no student"}.`);
      continue;
    }
    const student = known.get(`${origin.platform} ${origin.number}`) ?? origin.student,
      whose = `${origin.platform} ${origin.number ?? ""}`;
    if ((owners.get(student) ?? whose) !== whose) {
      refused.push(`${shown(incoming.path)}: ${student} would be two students.`);
      continue;
    }
    owners.set(student, whose);
    byStudent.set(student, [...(byStudent.get(student) ?? []), { ...origin, student, incoming }]);
  }
  if (left > 0) refused.push(`${left} more files whose names say no student.`);
  return { byStudent, refused };
}

/** With `..` or a drive in it, a path says nothing of whose it is. */
const safePath = (path: string): boolean =>
  path.length <= limits.path && !/[\0-\x1f\\]|^\/|^[a-zA-Z]:|(^|\/)\.\.(\/|$)/.test(path);

/** @param known what is known of the student from before */
async function one(
  course: Course,
  sheet: string,
  student: string,
  files: readonly OwnFile[],
  known?: RosterEntry,
): Promise<RosterEntry> {
  const { name, platform, number } = files[0];
  const entry: RosterEntry = {
    name,
    platform,
    ...(number && { number }),
    ...(files.some(({ late }) => late) && { late: true }),
  };
  // nbgrader's own note goes before: a file's time is the student's to set, or that of a copy.
  const { stamp, unread } = await stampIn(files),
    before = known?.submitted;
  const newest =
    stamp?.getTime() ?? Math.max(...files.map(({ incoming }) => incoming.modified?.getTime() ?? -Infinity));
  try {
    const { notebook, from, notes } = await chooseNotebook(files, sheet);
    const time = unread === undefined ? (stamp ?? from.incoming.modified) : undefined;
    // One that cannot be read stays as it is: the roster says so until somebody has put it right.
    await place(course, sheet, student, notebook, time ? timestampText(time) : unread);
    if (time && before && time.getTime() < Date.parse(before))
      notes.push(`it is older than the notebook that was there, of ${before.slice(0, 16).replace("T", " ")} UTC`);
    return { ...entry, ...(time && { submitted: time.toISOString() }), ...(notes.length > 0 && { notes }) };
  } catch (error) {
    const problem = error instanceof IntakeError ? error.message : inTheWay(error as Error);
    if (problem === undefined) throw error;
    const submitted = Number.isFinite(newest) ? new Date(newest).toISOString() : undefined;
    // The same download again: what an assistant has put there since is still the remedy.
    const before = (known?.problem ?? known?.overcome) === problem ? known?.instead : undefined;
    const folder = course.submitted(student, sheet);
    if (before && before.submitted === submitted)
      return { ...entry, ...(submitted && { submitted }), ...notesOf(known), problem, instead: before };
    const aside = setAside(folder, sheet),
      instead = { notebook: notebookIn(folder, sheet), ...(submitted && { submitted }) };
    const notes = aside
      ? [`${wasThere} ${aside} now: called ${sheet}.ipynb again it is graded`]
      : (known?.notes ?? []).filter((note) => note.startsWith(wasThere));
    return { ...entry, ...(submitted && { submitted }), ...(notes.length > 0 && { notes }), problem, instead };
  }
}

const notesOf = (known?: RosterEntry): Pick<RosterEntry, "notes"> => (known?.notes ? { notes: known.notes } : {});

/**
 * What was handed in after it is no notebook: the one from before is not graded, unless an assistant says so, which
 * whoever puts the very same one there does too.
 */
function setAside(folder: string, sheet: string): string | undefined {
  const sha256 = notebookIn(folder, sheet);
  if (sha256 === null) return undefined;
  const name = `${sheet}.ipynb.before-${sha256.slice(0, 8)}`;
  try {
    renameSync(join(folder, `${sheet}.ipynb`), join(folder, name));
    return name;
  } catch {
    // Where nothing may be written it stays, and is known by its hash.
    return undefined;
  }
}

/** What lies in the way of one student's copy is that student's trouble; a full disk is everybody's. */
function inTheWay({ message, code }: NodeJS.ErrnoException): string | undefined {
  const why = /\b(EISDIR|ENOTDIR|ENOTEMPTY|EEXIST|EACCES|EPERM|ELOOP|read-only)\b/.exec(`${code} ${message}`)?.[1];
  return why && `It could not be copied into submitted/: ${why}.`;
}

/** nbgrader keeps the time in a file beside the notebook. */
async function stampIn(files: readonly OwnFile[]): Promise<{ stamp?: Date; unread?: string }> {
  const stamp = files.find(
    ({ platform, file, incoming }) => platform === "nbgrader" && file === "timestamp.txt" && !incoming.refused,
  );
  if (!stamp) return {};
  const note = (await stamp.incoming.read(1000).catch(() => Buffer.alloc(0))).toString("utf8"),
    time = timeOfStamp(note);
  return time ? { stamp: time } : note.trim() ? { unread: note } : {};
}

async function place(
  course: Course,
  sheet: string,
  student: string,
  notebook: Buffer,
  stamp: string | undefined,
): Promise<void> {
  const folder = course.submitted(student, sheet),
    path = join(folder, `${sheet}.ipynb`);
  for (const each of [join(course.root, "submitted"), join(course.root, "submitted", student), folder]) {
    const there = lstatSync(each, { throwIfNoEntry: false });
    if (there && !there.isDirectory()) throw new IntakeError(`${each} is in the way: it is not a plain folder.`);
  }
  mkdirSync(folder, { recursive: true });
  // What is the same keeps its place, so that nothing is graded twice.
  const there = stamp !== undefined ? undefined : await readPlain(path, limits.notebook).catch(() => undefined);
  if (there?.equals(notebook)) return;
  // The time of the notebook that was there is not this one's.
  if (stamp === undefined) rmSync(join(folder, "timestamp.txt"), { force: true });
  await writeTogether([
    { path, content: notebook },
    ...(stamp !== undefined ? [{ path: join(folder, "timestamp.txt"), content: stamp }] : []),
  ]);
}
