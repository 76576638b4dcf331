// Words for people: names that were meant, text from elsewhere, sizes, and text inside of HTML.

/** Levenshtein distance, ignoring case. */
function distance(a: string, b: string): number {
  const from = a.toLowerCase(),
    to = b.toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[to.length];
}

/** Whether a name is one of the candidates but for a slip of the keyboard. */
export const isSlip = (name: string, candidates: readonly string[]): boolean =>
  candidates.some((candidate) => distance(name, candidate) <= (name.length < 7 ? 1 : 2));

/** The candidates most like `name`, for an error message: those that contain it first, then the nearest spellings. */
export function nearNames(name: string, candidates: readonly string[], count = 3): string[] {
  const wanted = name.toLowerCase();
  const score = (candidate: string): number =>
    (candidate.toLowerCase().includes(wanted) ? 0 : 1000) + distance(name, candidate);
  return [...new Set(candidates)].sort((a, b) => score(a) - score(b)).slice(0, count);
}

/** Text taken from a file, made harmless and short enough for one line of an error message. */
export function quoted(text: string): string {
  const clean = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "?");
  return `"${clean.length > 60 ? `${clean.slice(0, 57)}...` : clean}"`;
}

/** A file size for people: `5.1 kB`, `26.4 MB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const unit = bytes < 1e6 ? "kB" : bytes < 1e9 ? "MB" : "GB";
  const value = bytes / (unit === "kB" ? 1e3 : unit === "MB" ? 1e6 : 1e9);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** Text as HTML: nothing in it acts, also inside of an attribute's quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\ufffd");
