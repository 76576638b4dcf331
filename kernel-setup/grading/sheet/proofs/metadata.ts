import { isAnswer, isCheck, isTask, solutionIn, sourceOf, type Cell } from "vitrine-course/dist/sheet/notebook";
import { counted, proof, type Draft, type Proof } from "./proof";

/** nbgrader, the judge and JupyterLab each read these; a slip here shows only when the sheet is out. */
export function proveMetadata({ notebook }: Draft): Proof {
  const {
    cells,
    metadata: { kernelspec },
  } = notebook;
  const faults: string[] = [];
  if (notebook.nbformat !== 4 || notebook.nbformat_minor < 5)
    faults.push(
      `it is of notebook format ${notebook.nbformat}.${notebook.nbformat_minor}; 4.5 is needed, for the cells' ids`,
    );
  if (kernelspec?.name !== "vitrine") faults.push(`its kernel is ${kernelspec?.name ?? "none"}; it must be vitrine`);
  faults.push(
    ...twice(
      cells.map(({ id }) => id),
      "cell id",
    ),
    ...twice(
      cells.flatMap(({ metadata }) => metadata.nbgrader?.grade_id ?? []),
      "grade_id",
    ),
  );
  for (const cell of cells) faults.push(...cellFaults(cell).map((words) => `${cell.id}: ${words}`));
  const ids = new Set(cells.map(({ metadata }) => metadata.nbgrader?.grade_id));
  for (const { metadata } of cells.filter(isTask)) {
    const check = metadata.nbgrader!.grade_id.replace("task", "check");
    if (!ids.has(check)) faults.push(`${metadata.nbgrader!.grade_id} has no visible check: ${check} is missing`);
  }
  if (cells[0]?.cell_type !== "markdown" || !/^# /.test(sourceOf(cells[0])))
    faults.push("it does not begin with a title");
  const count = (wanted: (cell: Cell) => boolean, one: string): string => counted(cells.filter(wanted).length, one);
  return proof(
    "metadata",
    faults,
    `${count(() => true, "cell")}, ${count(isTask, "task")}, ${count(isCheck, "check")}, ${count(isAnswer, "answer")}`,
  );
}

function cellFaults(cell: Cell): string[] {
  const { nbgrader } = cell.metadata,
    text = sourceOf(cell),
    faults: string[] = [];
  if ((cell.outputs ?? []).length > 0 || (cell.execution_count ?? null) !== null)
    faults.push("it has outputs; a source has none (Clear All Outputs)");
  if (/\/\/\/ BEGIN HIDDEN TESTS/.test(text)) faults.push("hidden tests stand in judge/TASK.ts, not in cells");
  if (!nbgrader)
    return /\/\/\/ (BEGIN|END) SOLUTION/.test(text) ? [...faults, "it has a solution but is no solution cell"] : faults;
  if (nbgrader.grade_id !== cell.id) faults.push(`its grade_id is ${nbgrader.grade_id}; both must be the same`);
  if (isTask(cell) && solutionIn(text) === undefined) faults.push("it needs /// BEGIN SOLUTION and /// END SOLUTION");
  if (isTask(cell) && nbgrader.locked) faults.push("it is locked: nobody could write the answer");
  if (isCheck(cell) && !nbgrader.locked) faults.push("it is a check and not locked");
  if (!nbgrader.solution && !nbgrader.locked) faults.push("it is not locked, but nothing is to be written there");
  if (isAnswer(cell) && !/\*\*Rubric/.test(text)) faults.push("its answer has no **Rubric**");
  if (isAnswer(cell) && (nbgrader.points ?? 0) > 0 && !/\*\*Model answer/.test(text))
    faults.push("it has no **Model answer**");
  if (nbgrader.grade && typeof nbgrader.points !== "number") faults.push("it is graded and has no points");
  return faults;
}

function twice(names: readonly string[], what: string): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map(
    (name) => `${what} ${name} is there twice`,
  );
}
