import { existsSync } from "node:fs";
import { join } from "node:path";
import { regularPoints, type TaskDefinition } from "../../../kernel-setup/grading/judge/define-task";
import { loadTasks } from "../../../kernel-setup/grading/judge/load-tasks";
import { runTask } from "../../../kernel-setup/grading/judge/run-task";
import { readNotebook } from "../../../kernel-setup/grading/notebook/read-notebook";
import { selectCells, type SelectedCell } from "../../../kernel-setup/grading/notebook/select-cells";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { defaultMemoryMiB } from "../../../kernel-setup/grading/sandbox/limits";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import type { Sheet } from "../../../kernel-setup/grading/sheet/course";
import { proveCheats } from "../../../kernel-setup/grading/sheet/proofs/cheats";
import type { Proof } from "../../../kernel-setup/grading/sheet/proofs/proof";
import { projectRoot } from "../../helpers/jupyter-client";
import { asking } from "./hostile-course";

/** What the judge says of one task. */
export interface Marked {
  readonly task: string;
  readonly points: number;
  readonly max: number;
  /** The hidden test itself failed. */
  readonly broken: boolean;
  readonly reasons: string;
}

export interface Judged {
  readonly solution: readonly Marked[];
  readonly stub: readonly Marked[];
  readonly mutants: readonly (Marked & { mutant: string; losesAtLeast: number })[];
  /** One for each task. */
  readonly cheats: readonly Proof[];
}

/**
 * A sheet's solution, its stub and all its mutants in one sandbox, which takes ten times as long to start as to answer:
 * the stub's functions and each mutant's have names of their own there. Each of them alone, as it would be graded, is
 * in the soak run.
 */
export async function judgedTogether({ name, notebook, judge, course }: Sheet): Promise<Judged> {
  const tasks = loadTasks(judge),
    source = readNotebook(notebook),
    release = join(course.folder, "release", name, `${name}.ipynb`);
  // One that was not released has no stub.
  const released = existsSync(release) ? readNotebook(release) : undefined;
  const taught = new Map(tasks.flatMap(({ task, teaches }) => teaches.map((each) => [each, task] as const)));
  const stage = stageFor(projectRoot, { taught, uses: new Set(tasks.flatMap(({ uses = [] }) => uses)) });
  const all = tasks.flatMap(({ functions }) => functions);
  const stub = selectCells(source.cells, released?.cells ?? [])
    .cells.filter(({ task }) => task)
    .map((cell): SelectedCell => ({ name: `stub ${cell.name}`, source: renamed(cell.source, all, "OfStub") }));
  const mutants = tasks.flatMap((task) => (task.mutants ?? []).map((mutant) => ({ task, mutant })));
  const cells = mutants.map(({ task, mutant }, i): SelectedCell => ({
    name: `mutant ${i}`,
    source: renamed(mutant.code, task.functions, `OfMutant${i}`),
  }));
  const kernel = new StudentKernel(
    (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 1200 }),
    [...selectCells(source.cells, source.cells).cells, ...stub, ...cells],
  );
  const mark = async (task: TaskDefinition, functions: readonly string[] = [], suffix = ""): Promise<Marked> => {
    const other = (asked: string): string => (functions.includes(asked) ? `${asked}${suffix}` : asked);
    const parts = task.parts.map((part) => ({
      ...part,
      test: (tools: Parameters<typeof part.test>[0]) => part.test(asking(tools, other)),
    }));
    // The same memory for all, or each task would start it again.
    const outcomes = await runTask(
      { ...task, parts, limits: { ...task.limits, memoryMiB: defaultMemoryMiB } },
      kernel,
      [1, 2],
    );
    const points = outcomes.filter(({ status }) => status === "passed").reduce((sum, { part }) => sum + part.points, 0);
    return {
      task: task.task,
      points,
      max: regularPoints(task),
      broken: outcomes.some(({ status }) => status === "error"),
      reasons: outcomes.flatMap(({ reason }) => reason ?? []).join("; "),
    };
  };
  try {
    const judged = {
      solution: [] as Marked[],
      stub: [] as Marked[],
      mutants: [] as (Marked & { mutant: string; losesAtLeast: number })[],
      cheats: [] as Proof[],
    };
    for (const task of tasks) judged.solution.push(await mark(task));
    for (const task of released ? tasks : []) judged.stub.push(await mark(task, all, "OfStub"));
    for (const [i, { task, mutant }] of mutants.entries())
      judged.mutants.push({
        ...(await mark(task, task.functions, `OfMutant${i}`)),
        mutant: mutant.name,
        losesAtLeast: mutant.losesAtLeast,
      });
    // The same memory for all here, too.
    const alike = tasks.map((task) => ({ ...task, limits: { ...task.limits, memoryMiB: defaultMemoryMiB } }));
    for await (const each of proveCheats(alike, kernel, 2)) judged.cheats.push(each);
    return judged;
  } finally {
    await kernel.close();
  }
}

const renamed = (code: string, names: readonly string[], suffix: string): string =>
  names.reduce((text, name) => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), `${name}${suffix}`), code);
