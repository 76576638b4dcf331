import { join } from "node:path";
import sumBy from "lodash/sumBy";
import { readNotebook } from "vitrine-course/dist/sheet/notebook";
import type { Course } from "./course";

/** A cell that carries points. */
export interface GradeCell {
  cell: string;
  points: number;
  /** `judge`: by the hidden tests; `person`: prose and plots, graded in formgrader. */
  by: "judge" | "person";
  /** The solution cell that it is about: for a check the one before it. */
  task: string;
  /** Other cells of solutions that are between it and the cell with points before it. */
  solutions?: string[];
  /** For people: `Task 1`, `Question 2`. */
  title: string;
}

/** The cells of a sheet that carry points, in the order of the sheet. */
export function gradeCells(course: Course, sheet: string): GradeCell[] {
  const { cells } = readNotebook(join(course.source(sheet), `${sheet}.ipynb`));
  const found: GradeCell[] = [];
  let task = "",
    solutions: string[] = [];
  for (const {
    metadata: { nbgrader },
  } of cells) {
    if (!nbgrader) continue;
    if (nbgrader.solution) task = nbgrader.grade_id;
    if (!nbgrader.grade && !nbgrader.task) {
      if (nbgrader.solution) solutions.push(task);
      continue;
    }
    const by = nbgrader.solution || nbgrader.task ? "person" : "judge";
    const number = /\d+$/.exec(nbgrader.grade_id)?.[0];
    const title =
      by === "judge" && number
        ? `Task ${number}`
        : /^answer-\d+$/.test(nbgrader.grade_id)
          ? `Question ${number}`
          : nbgrader.grade_id === "bonus-answer"
            ? "Bonus"
            : nbgrader.grade_id;
    const about = by === "judge" ? task : nbgrader.grade_id,
      others = solutions.filter((each) => each !== about);
    solutions = [];
    found.push({
      cell: nbgrader.grade_id,
      points: nbgrader.points ?? 0,
      by,
      task: about,
      ...(others.length > 0 && { solutions: others }),
      title,
    });
  }
  // Those behind the last points have no others.
  const last = found.at(-1);
  if (last && solutions.length > 0) last.solutions = [...(last.solutions ?? []), ...solutions];
  // Two of one title would be one bar in a plot, and two columns of one name.
  const isTwice = ({ title }: GradeCell): boolean => found.filter((other) => other.title === title).length > 1;
  return found.map((cell) => (isTwice(cell) ? { ...cell, title: cell.cell } : cell));
}

/** What a sheet is worth. */
export const maximum = (cells: readonly GradeCell[]): number => sumBy(cells, ({ points }) => points);
