import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sum from "lodash/sum";
import { projectRoot } from "vitrine/dist/kit";
import { courseSecret, seedsOf } from "./course-secret";
import { pointsOf, regularPoints, type TaskDefinition } from "./judge/define-task";
import { loadTasks } from "./judge/load-tasks";
import { defaultSeconds, runTask, type PartOutcome } from "./judge/run-task";
import { NotANotebook, readNotebook, type NotebookFile } from "./notebook/read-notebook";
import { selectCells } from "./notebook/select-cells";
import { wrongSheet } from "./notebook/wrong-sheet";
import type { Results, ResultTest, TaskResult } from "./results";
import { sandboxCommand, sandboxMissing, unsafeCommand } from "./sandbox/command";
import { cellsSeconds } from "./sandbox/limits";
import { stageFor } from "./sandbox/stage";
import { StudentKernel } from "./sandbox/student-kernel";

export interface GradeOptions {
  /** Folder in notebooks/source. */
  readonly sheet: string;
  /** The student's notebook. */
  readonly notebook: string;
  /**
   * Inputs are drawn from it, the notebook's hash and the secret, so that marking again gives the same points. Default:
   * from the sheet's name.
   */
  readonly seed?: number;
  /** What no student knows. Default: the course's own, which is made the first time. */
  readonly secret?: Uint8Array;
  readonly limits?: { readonly seconds?: number; readonly memoryMiB?: number };
  /** Runs the student's code with the grader's own rights. Default: false. */
  readonly unsafe?: boolean;
  readonly student?: string;
  /** The project. Default: the one this file belongs to. */
  readonly root?: string;
  /** Folder with source/SHEET. Default: the project's notebooks/. */
  readonly course?: string;
  /** Only these of the sheet's tasks are asked about. Default: all. */
  readonly tasks?: readonly string[];
  /** Solutions in place of the notebook's, by task: for mutants. */
  readonly replace?: Readonly<Record<string, string>>;
}

/**
 * Grades one submission. Its code runs in a sandbox and is asked for values; what is expected never leaves this
 * process.
 * @throws Error in one line where nothing can be graded at all: no such sheet, no hidden tests, no sandbox
 */
export async function gradeSubmission(options: GradeOptions): Promise<Results> {
  const { sheet, root = projectRoot(), seed = seedOf(sheet), unsafe = false } = options,
    started = performance.now();
  const marked = markedSheet(options),
    { tasks } = marked;

  type Judged = Pick<Results["vitrine"], "status" | "reason" | "otherSheet" | "notebookSha256" | "tasks" | "memoryMiB">;
  const finish = (results: Judged, tests: readonly ResultTest[], output: string): Results => {
    const { student } = options,
      seconds = (performance.now() - started) / 1000,
      given = student && { student };
    const vitrine = {
      sheet,
      ...given,
      seed,
      ...results,
      versions: versions(root),
      ...(unsafe && { unsafe: true as const }),
    };
    const [score, most] = [sum(results.tasks.map(({ points }) => points)), sum(tasks.map(regularPoints))];
    return { score, max_score: most, execution_time: rounded(seconds), output, tests, vitrine };
  };

  const ungraded = (reason: string, notebookSha256: string, more: { otherSheet?: string } = {}): Results =>
    finish(
      { status: "error", reason, ...more, notebookSha256, tasks: tasks.map((task) => taskResult(task, [], reason)) },
      [],
      reason,
    );

  let submission: NotebookFile;
  try {
    submission = readNotebook(options.notebook);
  } catch (error) {
    if (!(error instanceof NotANotebook)) throw error;
    return ungraded(error.message, error.sha256);
  }
  const other = wrongSheet(join(courseOf(options), "source"), sheet, submission);
  if (other) {
    const reason = `the notebook is another sheet: this is ${other}, and ${sheet} was to be handed in`;
    return ungraded(reason, submission.sha256, { otherSheet: other });
  }
  const kernel = kernelOf(options, marked, submission);
  // Every notebook gets inputs of its own, and the same ones whenever it is marked: nobody can write down answers for
  // the next time.
  const seeds = seedsOf(options.secret ?? courseSecret(courseOf(options)), sheet, seed, submission.sha256);
  try {
    const done: { task: TaskDefinition; outcomes: PartOutcome[] }[] = [];
    for (const task of tasks) done.push({ task, outcomes: await runTask(task, kernel, seeds) });
    const tests = done.flatMap(({ task, outcomes }, i) =>
      outcomes.map((outcome, k) => resultTest(task, outcome, `${i + 1}.${k + 1}`)),
    );
    const results = done.map(({ task, outcomes }) => taskResult(task, outcomes));
    const broken = results.find(({ status }) => status === "error");
    const state = broken
      ? { status: "error" as const, reason: `${broken.task}: ${broken.reason}` }
      : { status: "graded" as const };
    const memoryMiB = Math.round(process.resourceUsage().maxRSS / 1024 + kernel.peakMiB);
    return finish(
      { ...state, notebookSha256: submission.sha256, tasks: results, memoryMiB },
      tests,
      kernelNote(submission, marked.source),
    );
  } finally {
    await kernel.close();
  }
}

/** A sheet's hidden tests, and its source, of which the submission is the student's version. */
export interface MarkedSheet {
  readonly source: NotebookFile;
  /** Those that are asked about. */
  readonly tasks: readonly TaskDefinition[];
  readonly all: readonly TaskDefinition[];
}

/** @throws Error in one line where nothing can be graded: no such sheet, no hidden tests, no sandbox */
export function markedSheet(options: Omit<GradeOptions, "notebook">): MarkedSheet {
  const { sheet, unsafe = false } = options,
    missing = unsafe ? undefined : sandboxMissing();
  if (missing) throw new Error(missing);
  const folder = join(courseOf(options), "source", sheet);
  const source = readSource(folder, sheet),
    all = loadTasks(join(folder, "judge")).map((task) => limited(task, options.limits));
  checkAgainst(source, all, sheet);
  return { source, all, tasks: all.filter(({ task }) => options.tasks?.includes(task) ?? true) };
}

/**
 * The submission's cells in a sandbox, begun at the first question; whoever asks closes it.
 * @param times how often each task is asked, for the processor time that it may have
 */
export function kernelOf(
  options: GradeOptions,
  { source, tasks, all }: MarkedSheet,
  submission: NotebookFile,
  times = 1,
): StudentKernel {
  const { root = projectRoot(), unsafe = false, replace } = options;
  const stage = stageFor(root, { taught: taughtBy(all), uses: new Set(all.flatMap(({ uses = [] }) => uses)) });
  const selection = selectCells(source.cells, submission.cells);
  const cells = selection.cells.map((cell) => ({
    ...cell,
    source: (cell.task && replace?.[cell.task]) ?? cell.source,
  }));
  const command = unsafe ? unsafeCommand : sandboxCommand;
  const cpuSeconds = cellsSeconds + times * sum(tasks.map(({ limits }) => limits?.seconds ?? defaultSeconds));
  return new StudentKernel((memoryMiB) => command(root, stage.folder, { memoryMiB, cpuSeconds }), cells, {
    left: selection.left,
  });
}

const courseOf = ({ course, root = projectRoot() }: Omit<GradeOptions, "notebook">): string =>
  course ?? join(root, "notebooks");

function readSource(folder: string, sheet: string): NotebookFile {
  try {
    return readNotebook(join(folder, `${sheet}.ipynb`));
  } catch (error) {
    throw new Error(`there is no sheet ${sheet}: ${(error as Error).message}`, { cause: error });
  }
}

function checkAgainst({ cells }: NotebookFile, tasks: readonly TaskDefinition[], sheet: string): void {
  for (const task of tasks) {
    if (!cells.some(({ gradeId, solution }) => gradeId === task.task && solution))
      throw new Error(`${sheet}/judge: there is no solution cell ${task.task} in the sheet`);
    const cell = cells.find(({ gradeId, grade }) => gradeId === task.points && grade);
    if (!cell) throw new Error(`${sheet}/judge: there is no cell ${task.points} with points in the sheet`);
    if (cell.points !== regularPoints(task))
      throw new Error(
        `${sheet}/judge/${task.task}: the parts' points add up to ${regularPoints(task)}, but the cell ` +
          `${task.points} has ${cell.points}`,
      );
  }
}

/** The grader's limits take the place of a task's own. */
const limited = (task: TaskDefinition, limits: GradeOptions["limits"] = {}): TaskDefinition => ({
  ...task,
  limits: { ...task.limits, ...limits },
});

function taughtBy(tasks: readonly TaskDefinition[]): Map<string, string> {
  const taught = new Map<string, string>();
  for (const { task, teaches } of tasks) for (const name of teaches) if (!taught.has(name)) taught.set(name, task);
  return taught;
}

function resultTest(task: TaskDefinition, { part, status, reason }: PartOutcome, number: string): ResultTest {
  const passed = status === "passed";
  return {
    name: `${task.task}: ${part.name}`,
    number,
    score: passed ? part.points : 0,
    max_score: part.extra ? 0 : part.points,
    status: passed ? "passed" : "failed",
    output: plain(reason ?? ""),
    visibility: "visible",
  };
}

/** Points come from parts that are on record as passed, and from nothing else. */
function taskResult(task: TaskDefinition, outcomes: readonly PartOutcome[], failure?: string): TaskResult {
  const points = pointsOf(outcomes.filter(({ status }) => status === "passed").map(({ part }) => part)),
    max = regularPoints(task);
  const wanted = outcomes.filter(({ part }) => !part.extra);
  const error =
    failure !== undefined || outcomes.length < task.parts.length || outcomes.some(({ status }) => status === "error");
  const status = error
    ? "error"
    : wanted.every((outcome) => outcome.status === "passed")
      ? "passed"
      : points > 0
        ? "partial"
        : "failed";
  const reasons = outcomes.flatMap(({ part, reason }) => (reason ? [{ name: part.name, reason }] : []));
  const alike = reasons.length === outcomes.length && reasons.every(({ reason }) => reason === reasons[0].reason);
  const words =
    alike && reasons.length > 0
      ? reasons[0].reason
      : reasons.map(({ name, reason }) => `${name}: ${reason}`).join("\n");
  return {
    task: task.task,
    cell: task.points,
    points: error ? 0 : points,
    max,
    status,
    reason: plain(failure ?? words),
    seconds: rounded(sum(outcomes.map(({ seconds }) => seconds))),
  };
}

const kernelNote = ({ kernel }: NotebookFile, source: NotebookFile): string =>
  kernel === source.kernel
    ? ""
    : plain(
        `The notebook names the kernel ${kernel ?? "of nothing"}; it was graded as ${source.kernel ?? "TypeScript"}.`,
      );

/** Without what would steer a terminal; from the student's code comes text only. */
const plain = (text: string): string =>
  text
    .replace(/\u001b\[[0-9;]*m/g, "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�")
    .slice(0, 4000);
const rounded = (seconds: number): number => Math.round(1000 * seconds) / 1000;
const seedOf = (text: string): number => createHash("sha256").update(text).digest().readInt32LE(0);

function versions(root: string): Record<string, string> {
  const of = (file: string): string =>
    (JSON.parse(readFileSync(join(root, file), "utf8")) as { version: string }).version;
  return {
    vitrine: of("lib/package.json"),
    tfjs: of("node_modules/@tensorflow/tfjs/package.json"),
    node: process.versions.node,
  };
}
