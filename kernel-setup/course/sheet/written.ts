import { isAnswer, isTask, sourceOf, type Cell, type Notebook } from "./notebook";

/** What was done in a cell that was handed out to be filled in. `missing`: the notebook does not have it any more. */
export type Written = "untouched" | "written" | "missing";

/**
 * The tasks and answers of a sheet as it was handed out, and what the student's notebook has in their place.
 * @param notebook the student's; all is untouched where there is none
 */
export function writtenIn(released: Notebook, notebook: Notebook | undefined): { cell: Cell; written: Written }[] {
  const own = notebook && new Map(notebook.cells.map((cell) => [cell.id, cell]));
  return released.cells
    .filter((cell) => isTask(cell) || isAnswer(cell))
    .map((cell) => {
      const mine = own?.get(cell.id);
      const written = own && !mine ? "missing" : !mine || isUntouched(mine, cell) ? "untouched" : "written";
      return { cell, written };
    });
}

/** Also of a sheet that was handed out in other words before: what nbgrader puts there is there still. */
const isUntouched = (mine: Cell, cell: Cell): boolean =>
  sourceOf(mine) === sourceOf(cell) ||
  (isTask(cell)
    ? sourceOf(mine).includes("// YOUR CODE HERE\n") && sourceOf(mine).includes('throw new Error("not implemented");')
    : sourceOf(mine).trim() === "YOUR ANSWER HERE");
