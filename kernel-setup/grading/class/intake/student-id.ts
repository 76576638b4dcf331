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
export function cleanName(name: string): string {
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
