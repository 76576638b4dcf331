import sumBy from "lodash/sumBy";
import type { GradebookEntry } from "./gradebook";
import { lateness, type Lateness, type Settings } from "./course";
import type { Results } from "./results";
import type { RosterEntry } from "./roster";
import { maximum, type GradeCell } from "./sheet-cells";

/** What a submission has in one cell. */
export interface CellGrade {
  cell: GradeCell;
  /** undefined: nobody knows yet. */
  points: number | undefined;
  extra: number;
  /** `open`: a person has to grade it. */
  status: "passed" | "partial" | "failed" | "error" | "open";
  reason: string;
  /** Of an assistant. */
  comment?: string;
}

export interface FinalGrade {
  cells: CellGrade[];
  /** `error` is not 0 points, and neither is `open`. */
  status: "graded" | "open" | "error";
  /** What there is so far, without what is open, after the penalty. */
  total: number;
  max: number;
  late: Lateness;
}

export const noAnswer = "No answer.";

/** The judge's points, where no person gave others, and people's; less the penalty, never below 0. */
export function finalGrade(
  cells: readonly GradeCell[],
  results: Results,
  entry: GradebookEntry | undefined,
  roster: RosterEntry,
  settings: Settings,
): FinalGrade {
  const graded = cells.map((cell) =>
    cell.by === "judge" ? byJudge(cell, results, entry) : byPerson(cell, results, entry),
  );
  const max = maximum(cells),
    late = lateness(settings, roster, max);
  const sum = sumBy(graded, ({ points = 0, extra }) => points + extra);
  const status = graded.some((each) => each.status === "error")
    ? "error"
    : graded.some((each) => each.status === "open")
      ? "open"
      : "graded";
  return { cells: graded, status, total: Math.max(0, sum - late.points), max, late };
}

function byJudge(cell: GradeCell, { vitrine }: Results, entry: GradebookEntry | undefined): CellGrade {
  const task = vitrine.tasks.find((each) => each.cell === cell.cell),
    grade = entry?.grades[cell.cell];
  const comment = commentOn(cell, entry);
  const manual = grade?.manual ?? undefined;
  const failed = !task || task.status === "error";
  const points = manual ?? (failed ? undefined : Math.min(task.points, cell.points));
  const extra = grade?.extra ?? (failed || manual !== undefined ? 0 : Math.max(0, task.points - cell.points));
  const reason = task?.reason || (failed ? (vitrine.reason ?? "There is no result for this task.") : "");
  return {
    cell,
    points,
    extra,
    status: points === undefined ? "error" : statusOf(points, cell.points),
    reason,
    ...(comment && { comment }),
  };
}

function byPerson(cell: GradeCell, { vitrine }: Results, entry: GradebookEntry | undefined): CellGrade {
  const grade = entry?.grades[cell.cell],
    comment = commentOn(cell, entry);
  // Where nothing was handed in that could be read, nobody can have graded an answer.
  const unread =
    vitrine.status === "error" &&
    vitrine.tasks.every(({ status }) => status === "error") &&
    grade?.needsPerson !== false;
  const known = grade?.manual ?? (grade?.needsPerson ? undefined : (grade?.auto ?? undefined));
  const points = known ?? (cell.points === 0 ? 0 : undefined);
  const reason = grade?.manual == null && grade?.auto === 0 && !unread ? noAnswer : "";
  return {
    cell,
    points,
    extra: grade?.extra ?? 0,
    status: unread && cell.points > 0 ? "error" : points === undefined ? "open" : statusOf(points, cell.points),
    reason,
    ...(comment && { comment }),
  };
}

/** Formgrader has a field below each solution's cell, not only below the last before its points. */
const commentOn = ({ cell, task, solutions = [] }: GradeCell, entry: GradebookEntry | undefined): string =>
  [...new Set([...solutions, task, cell])].flatMap((each) => entry?.comments[each] ?? []).join("\n");

const statusOf = (points: number, max: number): CellGrade["status"] =>
  points >= max ? "passed" : points > 0 ? "partial" : "failed";
