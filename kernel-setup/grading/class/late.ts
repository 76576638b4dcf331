/** What coming late costs. */
export interface LatePolicy {
  /** ISO 8601; without one nothing but the platform's own flag is late. */
  due?: string;
  /** Percent of the sheet's points for every day begun. Default: 0. */
  penalty?: number;
  /** Minutes after `due` that cost nothing. Default: 0. */
  grace?: number;
}

export interface Lateness {
  days: number;
  /** Points taken off, never more than there are to get. */
  points: number;
}

/**
 * Every day begun after the due time and the grace counts whole. Where the platform says late (Canvas) and no time
 * tells
 * how much, it is one day; where Canvas does not say late, it is not.
 */
export function lateness(
  { due, penalty = 0, grace = 0 }: LatePolicy,
  entry: { submitted?: string; late?: boolean; platform?: string },
  max: number,
): Lateness {
  const late =
    entry.platform === "canvas" && !entry.late
      ? 0
      : due && entry.submitted
        ? Date.parse(entry.submitted) - Date.parse(due) - grace * 60_000
        : 0;
  const days = Math.max(entry.late ? 1 : 0, late > 0 ? Math.ceil(late / 86_400_000) : 0);
  return { days, points: Math.min(max, (days * penalty * max) / 100) };
}
