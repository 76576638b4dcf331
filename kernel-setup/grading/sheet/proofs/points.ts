import sumBy from "lodash/sumBy";
import { isAnswer, isCheck, sourceOf } from "vitrine-course/dist/sheet/notebook";
import { regularPoints, type TaskDefinition } from "../../judge/define-task";
import { proof, type Draft, type Proof } from "./proof";

/** The table at the top, the cells and the hidden tests say the same. */
export function provePoints({ notebook }: Draft, tasks: readonly TaskDefinition[]): Proof {
  const graded = notebook.cells
    .filter((cell) => isCheck(cell) || isAnswer(cell))
    .map(({ metadata: { nbgrader } }) => [nbgrader!.grade_id, nbgrader!.points ?? 0] as const);
  const own = new Map(graded),
    total = sumBy(graded, ([, points]) => points);
  const text = notebook.cells.length > 0 ? sourceOf(notebook.cells[0]) : "";
  const table = [...text.matchAll(/^\| (Task|Question) (\d+) \|.*?\| ([\d.]+) \|/gm)].map(
    ([, kind, number, points]) => [`${kind === "Task" ? "check" : "answer"}-${number}`, Number(points)] as const,
  );
  const faults: string[] = [];
  for (const [id, points] of table)
    if (own.get(id) !== points) faults.push(`the table gives ${id} ${points}, its cell ${own.get(id) ?? "is missing"}`);
  for (const [id, points] of graded)
    if (points > 0 && !table.some(([name]) => name === id)) faults.push(`${id} (${points}) is not in the table`);
  const said = /\((\d+(?:\.\d+)?) points\)/.exec(text)?.[1];
  if (Number(said) !== total)
    faults.push(`the cells add up to ${total} points, the table's heading says ${said ?? "nothing"}`);
  for (const task of tasks) {
    const points = regularPoints(task);
    if (own.get(task.points) !== points)
      faults.push(
        `the parts of judge/${task.task}.ts add up to ${points}, ${task.points} has ${own.get(task.points) ?? "no"} points`,
      );
  }
  const judged = sumBy(tasks, regularPoints);
  return proof("points", faults, `${total}, the same in the table and the cells; ${judged} of them by the judge`);
}
