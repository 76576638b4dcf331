import type { NotebookCell } from "./read-notebook";

/** A cell to run in the sandbox. */
export interface SelectedCell {
  /** For messages: grade_id or place. */
  readonly name: string;
  readonly source: string;
  /** Only what it declares: it is the sheet's own, and shows things or loads data. */
  readonly only?: "declarations";
  /** The sheet's, and not the student's. */
  readonly own?: true;
  /** grade_id of the task whose solution it is. */
  readonly task?: string;
}

/** Characters of a cell that is looked at. The same in nbgrader/stage.py. */
const MOST_TEXT = 200_000;
/** Cells that one student added and that are run; the sheets have about thirty of their own. */
export const MOST_ADDED = 200;

export interface Selection {
  readonly cells: readonly SelectedCell[];
  /** How many cells that the student added are left out, because there are more than `MOST_ADDED`. */
  readonly left: number;
}

/**
 * Can it be a task's solution? Of several cells of one name the first that can counts: for the judge, for the people's
 * copy (nbgrader/stage.py) and for the feedback, so that nobody is judged by what others do not see.
 */
export const canCount = (type: unknown, source: string): boolean =>
  type === "code" && source.length <= MOST_TEXT && source.trim() !== "";

/**
 * What a submission's cells are called in the sheet: by nbgrader's name, or, where an editor has taken all metadata
 * away, by the cell's own. The same in nbgrader/stage.py and for the feedback.
 */
export function namesOf(
  sheet: readonly NotebookCell[],
): (cell: Pick<NotebookCell, "gradeId" | "id">) => string | undefined {
  const byId = new Map(sheet.flatMap(({ id, gradeId }) => (id && gradeId ? [[id, gradeId] as const] : [])));
  return ({ gradeId, id }) => gradeId ?? byId.get(id ?? "");
}

const textOf = (source: string): string => source.replace(/\s+/g, " ").trim();

/**
 * Which of a submission's cells run, in order: what the sheet itself declares (as its source has it, whatever was
 * changed), then solutions and the student's own cells. Checks and demonstrations do not run; of demonstrations that
 * were changed, what they declare. Names and points in the submission's metadata decide nothing but which cell is a
 * solution.
 */
export function selectCells(sheet: readonly NotebookCell[], submission: readonly NotebookCell[]): Selection {
  const code = sheet.filter(({ type }) => type === "code");
  const solutions = new Set(code.filter((cell) => cell.solution && !cell.grade).map(({ gradeId }) => gradeId));
  const own = code.filter((cell) => !cell.grade && !cell.solution);
  const given = own.map(({ source }) => source).join("\n");
  // Compared with each of a student's cells: made once, which for a thousand long ones takes minutes otherwise.
  const texts = new Set(code.filter(({ solution }) => !solution).map(({ source }) => textOf(source)));
  const known = new Map(
    sheet.flatMap((cell) => [cell.gradeId, cell.id].flatMap((name) => (name ? [[name, cell] as const] : []))),
  );
  const cells: SelectedCell[] = [{ name: "sheet", source: given, only: "declarations", own: true }];
  const done = new Set<string>(),
    nameOf = namesOf(sheet);
  let added = 0;

  submission.forEach((cell, i) => {
    if (!canCount(cell.type, cell.source)) return;
    const gradeId = nameOf(cell);
    if (gradeId !== undefined && solutions.has(gradeId) && !done.has(gradeId)) {
      done.add(gradeId);
      cells.push({ name: gradeId, source: cell.source, task: gradeId });
      return;
    }
    const original = known.get(gradeId ?? "") ?? known.get(cell.id ?? "");
    if (original && !original.solution) {
      // The sheet's own: locked ones are as the source has them.
      if (original.gradeId !== undefined || textOf(original.source) === textOf(cell.source)) return;
      cells.push({ name: `cell ${i + 1}`, source: cell.source, only: "declarations" });
      return;
    }
    if (texts.has(textOf(cell.source)) || ++added > MOST_ADDED) return;
    cells.push({ name: `cell ${i + 1}`, source: cell.source });
  });
  return { cells, left: Math.max(0, added - MOST_ADDED) };
}
