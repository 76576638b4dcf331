// Whose a file is, by the names that platforms give.

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

/** A course's folders in which lie other notebooks than those that were handed in. */
export const courseFolders: ReadonlySet<string> = new Set([
  "source",
  "release",
  "autograded",
  "feedback",
  "results",
  "reports",
]);

/**
 * Moodle: `Full Name_1234567_assignsubmission_file_/file.ipynb`, or flat with the file's name at the end; a text that
 * was typed in is in `…_assignsubmission_onlinetext_/`. Canvas: `lastnamefirst_LATE_123_456_file.ipynb`: the student's
 * number, then the file's; a text or an address that was typed in is `lastnamefirst_123_text.html` or `…_link.html`.
 * nbgrader: `STUDENT/SHEET/file.ipynb`.
 * @param platform what the download's other names are of, for a name that could be Moodle's or Canvas's
 * @returns undefined for a name of none of these; a text for one that could be two students'
 */
export function originOf(path: string, sheet: string, platform?: "moodle" | "canvas"): Origin | string | undefined {
  const parts = path.split("/");
  const file = parts[parts.length - 1];
  // The student's own folders come after the platform's: the first that has its form is the platform's.
  for (const folder of parts.slice(0, -1)) {
    // Greedy: what a student's name says is before what Moodle says.
    const moodle = /^(.+)_(\d+)_assignsubmission_(?:file|onlinetext)_?$/u.exec(folder);
    if (moodle) return fromPlatform("moodle", moodle[1], moodle[2], { file });
  }
  // The first as well: below it a student may have folders with any name.
  const place = parts.indexOf(sheet, 1) - 1;
  if (place >= 0) {
    if (place !== parts.length - 3) return undefined;
    // A download that was unpacked into such folders, or one student's file with such a name?
    const flat = flatOrigin(file, platform);
    if (platform && typeof flat === "object") return flat;
    if (flat !== undefined) return "its name could be the folder's student or another one";
    const folder = parts[place],
      kept = [folder, parts[place - 1]].find((each) => courseFolders.has(each));
    if (kept !== undefined) return `it lies in ${kept}/, where a course keeps notebooks that were not handed in`;
    if (!isStudentId(folder)) return `the folder ${shown(folder)} cannot stand for a student`;
    return { platform: "nbgrader", student: folder, name: cleanName(folder), late: false, file, order: 0 };
  }
  return parts.length <= 2 ? flatOrigin(file, platform) : undefined;
}

// The first numbers are Canvas's: it takes those out that stand between underscores of a name. Late is said before them
// alone, so that a name that ends with another's number makes nobody late.
const canvasName = /^(.+?)_(LATE_)?(\d+)_(?:(\d+)_(.+)|((?:text|link)\.html))$/isu;
const moodleName = /^(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_(.*)$/su;

function flatOrigin(file: string, platform?: "moodle" | "canvas"): Origin | string | undefined {
  const canvas = canvasName.exec(file),
    moodle = moodleName.exec(file);
  // A student's own file may be called anything, like another platform's too.
  if (canvas && moodle && !platform) return "its name could be Moodle's or Canvas's";
  if (canvas && (!moodle || platform === "canvas")) {
    const [, name, late, number, order = "0", own, typed] = canvas;
    return fromPlatform("canvas", name, number, { file: own ?? typed, late: Boolean(late), order: Number(order) });
  }
  if (!moodle) return undefined;
  const marks = file.match(/_\d+_assignsubmission_(?:file|onlinetext)_/gu) ?? [];
  // Name and file name both come from people: with the mark in it twice nobody can say whose it is.
  if (marks.length > 1) return "its name could be two students'";
  return fromPlatform("moodle", moodle[1], moodle[2], { file: moodle[3] });
}

/** Which platform's names these are, if they are of one alone. */
export function platformOf(paths: readonly string[]): "moodle" | "canvas" | undefined {
  const names = paths.map((path) => path.split("/").at(-1)!);
  const moodle = paths.some(
    (path) => /_\d+_assignsubmission_(?:file|onlinetext)/u.test(path) && !canvasName.test(path.split("/").at(-1)!),
  );
  const canvas = names.some((name) => canvasName.test(name) && !moodleName.test(name));
  return moodle === canvas ? undefined : moodle ? "moodle" : "canvas";
}

function fromPlatform(
  platform: Origin["platform"],
  name: string,
  number: string,
  rest: { file: string; late?: boolean; order?: number },
): Origin | string {
  // Two that are alike in what is kept of them would be one student.
  if (number.length > 20) return "its number has more than 20 digits";
  return {
    platform,
    student: studentId(name, number),
    name: cleanName(name),
    number,
    late: rest.late ?? false,
    file: rest.file,
    order: rest.order ?? 0,
  };
}

/**
 * Characters that have no place in a person's name: controls, direction marks, HTML's angle brackets, and the signs by
 * which MathJax knows a formula on formgrader's pages.
 */
const unwanted = /[\p{C}<>$\\]/gu;

/**
 * A name from outside for a terminal or a page: short, in one line and in quotes. Nothing in it steers the terminal or
 * turns the direction of writing.
 */
export const shown = (name: string): string =>
  JSON.stringify(name.slice(0, 80)).replace(/[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu, "?");

/** A name as it may be shown and stored: one line of at most 80 characters. */
function cleanName(name: string): string {
  const clean = name
    .normalize("NFC")
    .replace(/\s+/gu, " ")
    .replace(unwanted, "")
    // No script puts more on a letter; dozens of them are drawn over the lines above.
    .replace(/(\p{M}{4})\p{M}+/gu, "$1")
    .trim();
  return [...clean].slice(0, 80).join("").trim() || "(no name)";
}

/**
 * The id by which nbgrader knows a student of a learning platform: a folder's name that no shell, glob or database
 * takes for anything else, and that whoever can read the name can read. The platform's number keeps two of one name
 * apart.
 */
export function studentId(name: string, number: string): string {
  // Accents of Latin, Greek and Cyrillic letters go; the signs of other scripts belong to their words.
  const letters = cleanName(name)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/gu, "")
    .normalize("NFC")
    .toLowerCase();
  const words = letters.replace(/[^\p{L}\p{N}\p{M}]+/gu, "-").replace(/^[-\p{M}]+|-+$/gu, "");
  const short = [...words].slice(0, 40).join("").replace(/-+$/, "");
  return `${short || "student"}-${number.slice(0, 20)}`;
}

/** Can a folder's name stand for a student? nbgrader would take `*`, `[` and `+` for something else. */
export function isStudentId(folder: string): boolean {
  // A folder's name has 255 bytes at the most, in some systems fewer.
  return (
    Buffer.byteLength(folder) <= 200 &&
    /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.@ -]{0,62}[\p{L}\p{N}\p{M}_-])?$/u.test(folder) &&
    !folder.includes("..")
  );
}
