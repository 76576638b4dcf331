import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Course } from "../../../kernel-setup/grading/class/course";
import { notebooks } from "../../notebooks/course";
import { functionCell, sheet, solved, type Cell, type Code, type Notebook } from "./hostile-course";

/**
 * Sheet 4 with more tasks, each of one point for a function like task 1's: to start a sandbox takes ten times as long
 * as to ask it for a value, so that one submission has many attacks. Those that may end the process come last, where it
 * need not start again.
 */
const more = 18,
  own = 3;
/** Tasks of the sheet. */
export const taskCount = own + more;
/**
 * For what may end the process; after it nothing is asked. The second one has the time to use up memory on a slow
 * machine.
 */
export const ending = taskCount - 1,
  endingSlowly = own + more;
const seconds = (task: number): number => (task === endingSlowly ? 40 : task <= own ? 4 : 2);
const limits = (task: number): string => `limits: { seconds: ${seconds(task)}, memoryMiB: 256 },`;

/** A task of one part, which asks a function `attackN` once, as sheet 4's first part does. */
export interface OneCall {
  readonly task: number;
  readonly points: number;
  /** Of the definition. */
  readonly limits: string;
}

/** The judge's file of it; `given.ts` and `state.ts` are to lie beside it. */
const judgeOf = ({ task, points, limits: its }: OneCall): string => `import { defineTask } from "vitrine/judge";
import { given } from "./given";
import { state } from "./state";
const [part] = given.parts;
export default defineTask({
  ...given, ${its} task: "task-${task}", points: "check-${task}", functions: ["attack${task}"], mutants: undefined,
  parts: [{ ...part, points: ${points}, test: async (tools) => {
    if (state.ended) tools.fail("Not asked: the process was ended.");
    const call = (_, args) => tools.student.call("attack${task}", args).catch((error) => {
      state.ended = ${task} >= ${ending} && !["missing", "error"].includes(error.kind);
      throw error;
    });
    await part.test({ ...tools, student: { ...tools.student, call } });
  } }],
});
`;

/** Writes such tasks into a folder of hidden tests, which has sheet 4's. */
export function writeTasks(judge: string, tasks: readonly OneCall[]): void {
  const given = readFileSync(join(notebooks, "source", sheet, "judge", "task-1.ts"), "utf8");
  // Without a default export it is no task, but the others' helper.
  writeFileSync(
    join(judge, "given.ts"),
    given.replace("export default defineTask(", "export const given = defineTask("),
  );
  writeFileSync(join(judge, "state.ts"), "export const state = { ended: false };\n");
  for (const each of tasks) writeFileSync(join(judge, `task-${each.task}.ts`), judgeOf(each));
}

/** Writes the sheet and its hidden tests into a course. */
export function writeHostileSheet(course: Course): void {
  const folder = course.source(sheet),
    judge = join(folder, "judge"),
    notebook = solved();
  cpSync(join(notebooks, "source", sheet, "judge"), judge, { recursive: true });
  for (let task = 1; task <= own; task++) {
    const file = join(judge, `task-${task}.ts`);
    writeFileSync(file, readFileSync(file, "utf8").replace("defineTask({", `defineTask({\n  ${limits(task)}`));
  }
  for (let task = own + 1; task <= taskCount; task++) {
    notebook.cells.push(
      taskCell(task, 'throw new Error("not implemented");'),
      codeCell(`check-${task}`, "", { grade: true, locked: true, points: 1 }),
    );
  }
  writeTasks(
    judge,
    Array.from({ length: more }, (_, i) => ({ task: own + 1 + i, points: 1, limits: limits(own + 1 + i) })),
  );
  writeFileSync(join(folder, `${sheet}.ipynb`), JSON.stringify(notebook));
}

/** A notebook with these functions for the further tasks. */
export function withTasks(notebook: Notebook, codes: Readonly<Record<number, Code>>): Notebook {
  for (const [task, code] of Object.entries(codes))
    notebook.cells.push(taskCell(Number(task), functionCell(`attack${task}`, code)));
  return notebook;
}

/** Of sheet 4's own tasks nothing. */
export const bare = (): Notebook => ({ ...solved(), cells: [] });

const taskCell = (task: number, source: string): Cell => codeCell(`task-${task}`, source, { solution: true });

function codeCell(id: string, source: string, nbgrader: object): Cell {
  const metadata = {
    nbgrader: {
      grade: false,
      locked: false,
      solution: false,
      task: false,
      schema_version: 3,
      grade_id: id,
      ...nbgrader,
    },
  };
  return { cell_type: "code", id, metadata, source, outputs: [], execution_count: null };
}
