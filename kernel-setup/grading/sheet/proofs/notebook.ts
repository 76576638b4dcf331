// What a sheet's notebook must be, before anything runs: its form, cells, points and captions.
import sumBy from "lodash/sumBy";
import * as ts from "typescript";
import {
  type Notebook,
  isAnswer,
  isCheck,
  isTask,
  solutionIn,
  sourceOf,
  type Cell,
} from "vitrine-course/dist/sheet/notebook";
import { regularPoints, type TaskDefinition } from "../../judge/define-task";
import { isObject, shown } from "../../judge/task-faults";
import { counted, proof, type Proof, type Draft } from "./proof";

/** Every cell is made as a cell must be, before anything is asked of it: a notebook is edited by hand, too. */
export function proveForm({ cells, metadata }: Notebook): Proof {
  const faults = (cells as unknown[]).flatMap((cell, i) => faultsOf(cell).map((words) => `cell ${i + 1}: ${words}`));
  if (!isObject(metadata)) faults.push(`its \`metadata\` is ${shown(metadata)}; an object is needed`);
  return proof("form", faults, `${counted(cells.length, "cell")}, each made as a cell is`);
}

function faultsOf(cell: unknown): string[] {
  if (!isObject(cell)) return [`it is ${shown(cell)}, and no cell`];
  const { id, cell_type: kind, source, metadata, outputs } = cell,
    faults: string[] = [];
  if (typeof id !== "string" || !id) faults.push(`its \`id\` is ${shown(id)}; a text is needed`);
  if (!["code", "markdown", "raw"].includes(kind as string)) {
    faults.push(`its \`cell_type\` is ${shown(kind)}; allowed: code, markdown, raw`);
  }
  if (!isText(source)) faults.push(`its \`source\` is ${shown(source)}; a text or a list of texts is needed`);
  if (outputs !== undefined && !Array.isArray(outputs)) {
    faults.push(`its \`outputs\` are ${shown(outputs)}; a list is needed`);
  }
  if (!isObject(metadata)) return [...faults, `its \`metadata\` is ${shown(metadata)}; an object is needed`];
  const { nbgrader } = metadata;
  if (nbgrader === undefined) return faults;
  if (!isObject(nbgrader)) return [...faults, `its \`nbgrader\` is ${shown(nbgrader)}; an object is needed`];
  const { grade_id: name, points } = nbgrader;
  if (typeof name !== "string" || !name) faults.push(`its \`grade_id\` is ${shown(name)}; a text is needed`);
  for (const flag of ["grade", "solution", "locked"]) {
    if (typeof nbgrader[flag] === "boolean") continue;
    faults.push(`its \`${flag}\` is ${shown(nbgrader[flag])}; allowed: true, false`);
  }
  const isAmount = typeof points === "number" && points >= 0 && points <= 1000;
  if (points !== undefined && points !== null && !isAmount) {
    faults.push(`its \`points\` are ${shown(points)}; a number from 0 to 1000 is needed`);
  }
  return faults;
}

const isText = (value: unknown): boolean =>
  typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));

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
        `the parts of judge/${task.task}.ts add up to ${points}, ${task.points} has ` +
          `${own.get(task.points) ?? "no"} points`,
      );
  }
  const judged = sumBy(tasks, regularPoints);
  return proof("points", faults, `${total}, the same in the table and the cells; ${judged} of them by the judge`);
}

const plotly = "application/vnd.plotly.v1+json";
/** A caption says what is drawn: a word or two does not. */
const shortest = 20;

/** As far as the code tells: figures that are made where they are shown have a caption there. */
export function proveCaptionsInCode({ notebook }: Draft): Proof {
  let shown = 0;
  const faults: string[] = [];
  for (const cell of notebook.cells.filter(({ cell_type }) => cell_type === "code")) {
    for (const call of callsOfShow(sourceOf(cell))) {
      shown++;
      if (isMadeThere(call) && !hasCaption(call)) faults.push(`${cell.id}: a plot has no caption`);
    }
  }
  return proof("captions", faults, `${counted(shown, "call")} of show, each with a caption or a figure made before`);
}

/** As the sheet was run: every plot there is has words beside it, for those who cannot see it. */
export function proveCaptionsShown(run: Notebook): Proof {
  const plots = run.cells.flatMap(({ id, outputs = [] }) =>
    outputs
      .filter(({ data }) => data && plotly in data)
      .map(({ data }) => ({ id, caption: String(data!["text/plain"] ?? "") })),
  );
  const faults = plots
    .filter(({ caption }) => caption.trim().length < shortest)
    .map(({ id, caption }) => `${id}: a plot's caption is ${caption.trim() ? `only “${caption.trim()}”` : "missing"}`);
  return proof("captions", faults, `${counted(plots.length, "plot")}, each with its own`);
}

function callsOfShow(code: string): ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "show")
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true));
  return found;
}

const isMadeThere = ({ arguments: given }: ts.CallExpression): boolean =>
  given.some((argument) => containsNode(argument, ts.isObjectLiteralExpression));
const hasCaption = (call: ts.CallExpression): boolean =>
  containsNode(
    call,
    (node) =>
      (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) && node.name.getText() === "caption",
  );

function containsNode(node: ts.Node, wanted: (node: ts.Node) => boolean): boolean {
  return wanted(node) || (ts.forEachChild(node, (child) => containsNode(child, wanted) || undefined) ?? false);
}
