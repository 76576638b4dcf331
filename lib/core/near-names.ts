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

/** The candidates most like `name`, for an error message: those that contain it first, then the nearest spellings. */
export function nearNames(name: string, candidates: readonly string[], count = 3): string[] {
  const wanted = name.toLowerCase();
  const score = (candidate: string): number =>
    (candidate.toLowerCase().includes(wanted) ? 0 : 1000) + distance(name, candidate);
  return [...new Set(candidates)].sort((a, b) => score(a) - score(b)).slice(0, count);
}
