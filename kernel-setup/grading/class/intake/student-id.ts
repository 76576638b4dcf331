/** Characters that have no place in a person's name: controls, direction marks, HTML's angle brackets. */
const unwanted = /[\p{C}<>]/gu;

/** A name as it may be shown and stored: one line of at most 80 characters. */
export function cleanName(name: string): string {
  const shown = name.normalize("NFC").replace(/\s+/gu, " ").replace(unwanted, "").trim();
  return [...shown].slice(0, 80).join("").trim() || "(no name)";
}

/**
 * The id by which nbgrader knows a student of a learning platform: a folder's name that no shell, glob or database
 * takes for anything else. The platform's number keeps two of one name apart.
 */
export function studentId(name: string, number: string): string {
  const plain = cleanName(name).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40).replace(/-+$/, "");
  return `${plain || "student"}-${number.slice(0, 20)}`;
}

/** Can a folder's name stand for a student? nbgrader would take `*`, `[` and `+` for something else. */
export function isStudentId(folder: string): boolean {
  return /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.@ -]{0,62}[\p{L}\p{N}\p{M}_-])?$/u.test(folder) && !folder.includes("..");
}
