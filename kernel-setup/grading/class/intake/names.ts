import { cleanName, isStudentId, studentId } from "./student-id";

/** Whose file it is, by the name that the platform gave it. */
export interface Origin {
  platform: "moodle" | "canvas" | "nbgrader";
  student: string;
  /** For people. */
  name: string;
  /** The platform's number of the student (Canvas), or of the participant in this assignment (Moodle). */
  number?: string;
  /** The platform says that it came late. */
  late: boolean;
  /** The file's own name. */
  file: string;
  /** Of two files of one student, the one with the larger number came later. */
  order: number;
}

/**
 * Moodle: `Full Name_1234567_assignsubmission_file_/file.ipynb`, or flat with the file's name at the end.
 * Canvas: `lastnamefirst_LATE_123_456_file.ipynb`: the student's number, then the file's.
 * nbgrader: `STUDENT/SHEET/file.ipynb`.
 * @returns undefined for a name of none of these; a text for one that could be two students'
 */
export function originOf(path: string, sheet: string): Origin | string | undefined {
  const parts = path.split("/");
  const file = parts[parts.length - 1];
  // The student's own folders come after the platform's: the first that has its form is the platform's.
  for (const folder of parts.slice(0, -1)) {
    // Greedy: what a student's name says is before what Moodle says.
    const moodle = /^(.+)_(\d+)_assignsubmission_file_?$/u.exec(folder);
    if (moodle) return fromPlatform("moodle", moodle[1], moodle[2], { file });
  }
  // The first as well: below it a student may have folders with any name.
  const place = parts.indexOf(sheet, 1) - 1;
  if (place >= 0) {
    if (place !== parts.length - 3) return undefined;
    const folder = parts[place];
    if (!isStudentId(folder)) return `the folder ${JSON.stringify(folder.slice(0, 60))} cannot stand for a student`;
    return { platform: "nbgrader", student: folder, name: cleanName(folder), late: false, file, order: 0 };
  }
  return parts.length <= 2 ? flatOrigin(file) : undefined;
}

function flatOrigin(file: string): Origin | string | undefined {
  const marks = file.match(/_\d+_assignsubmission_file_/gu) ?? [];
  // Name and file name both come from people: with the mark in it twice nobody can say whose it is.
  if (marks.length > 1) return "its name could be two students'";
  const moodle = /^(.+?)_(\d+)_assignsubmission_file_(.*)$/su.exec(file);
  if (moodle) return fromPlatform("moodle", moodle[1], moodle[2], { file: moodle[3] });
  const canvas = /^([^_]+)_(LATE_)?(\d+)_(LATE_)?(\d+)_(.+)$/su.exec(file);
  if (canvas) return fromPlatform("canvas", canvas[1], canvas[3], { file: canvas[6], late: Boolean(canvas[2] ?? canvas[4]), order: Number(canvas[5]) });
  return undefined;
}

function fromPlatform(platform: Origin["platform"], name: string, number: string, rest: { file: string; late?: boolean; order?: number }): Origin {
  return { platform, student: studentId(name, number), name: cleanName(name), number: number.slice(0, 20), late: rest.late ?? false, file: rest.file, order: rest.order ?? 0 };
}
