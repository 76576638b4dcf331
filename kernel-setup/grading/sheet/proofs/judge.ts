import { join } from "node:path";
import sumBy from "lodash/sumBy";
import { isTask } from "vitrine-course/dist/sheet/notebook";
import { nearNames, projectRoot } from "vitrine/dist/kit";
import { gradeSubmission, kernelOf, markedSheet } from "../../grade-submission";
import { cheats } from "../../judge/cheats";
import { regularPoints, type Mutant, type TaskDefinition } from "../../judge/define-task";
import { readNotebook } from "../../notebook/read-notebook";
import type { TaskResult } from "../../results";
import { libraryExports } from "../../sandbox/library-exports";
import { proveCheats, proveSeeds, SEEDS } from "./cheats";
import { counted, proof, type Draft, type Proof } from "./proof";

export interface JudgeOptions {
  /** Share of the judged points that the sheet as handed out may get at most. */
  readonly stubAtMost: number;
  /** Runs the sheet's own code without a sandbox. */
  readonly unsafe: boolean;
}

const leastMutants = 3;

/** Every task has hidden tests, and enough broken solutions to try them on, one of which calls what is taught. */
export function proveMutantsListed({ notebook }: Draft, tasks: readonly TaskDefinition[]): Proof {
  const faults = notebook.cells
    .filter(isTask)
    .map(({ metadata }) => metadata.nbgrader!.grade_id)
    .filter((id) => !tasks.some(({ task }) => task === id))
    .map((id) => `${id} has no hidden test: judge/${id}.ts is missing`);
  const exported = new Set(libraryExports(join(projectRoot(), "lib", "dist")).map(({ name }) => name));
  for (const { task, mutants = [], teaches, uses = [] } of tasks) {
    // A slip of a letter would leave the answer where it can be called.
    for (const name of [...teaches, ...uses].filter((each) => !exported.has(each))) {
      faults.push(
        `${task} names ${name}, which vitrine does not export; did you mean ${nearNames(name, [...exported], 1)[0]}?`,
      );
    }
    if (mutants.length < leastMutants)
      faults.push(`${task} lists ${mutants.length} mutants; ${leastMutants} are the least`);
    if (teaches.length > 0 && !mutants.some(({ code }) => callsTaught(code, teaches)))
      faults.push(`no mutant of ${task} calls what it teaches (${teaches.join(", ")})`);
  }
  const all = sumBy(tasks, ({ mutants = [] }) => mutants.length),
    parts = sumBy(tasks, ({ parts }) => parts.length);
  return proof(
    "hidden tests",
    faults,
    `${counted(tasks.length, "task")} in ${counted(parts, "part")}, with ${counted(all, "mutant")}`,
  );
}

function callsTaught(code: string, teaches: readonly string[]): boolean {
  const names = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
  return teaches.some((name) => names.has(name));
}

/** Asks the judge itself, as it will mark submissions: about the solution, the sheet as handed out, and each mutant. */
export async function* proveByJudging(
  { sheet }: Draft,
  tasks: readonly TaskDefinition[],
  released: string | undefined,
  { stubAtMost, unsafe }: JudgeOptions,
): AsyncGenerator<Proof> {
  const grade = async (
    notebook: string,
    only?: string,
    replace?: Record<string, string>,
  ): Promise<readonly TaskResult[]> => {
    // Nobody's points: no secret is made for it.
    const { vitrine } = await gradeSubmission({
      secret: new Uint8Array(32),
      sheet: sheet.name,
      course: sheet.course.folder,
      notebook,
      unsafe,
      ...(only && { tasks: [only] }),
      ...(replace && { replace }),
    });
    return vitrine.tasks;
  };
  const solved = await grade(sheet.notebook);
  yield proof(
    "solution",
    solved.filter(({ status }) => status !== "passed").map(lossOf),
    solved.map(shareOf).join(", "),
  );
  if (solved.every(({ status }) => status === "passed"))
    yield* proveInOneSandbox({ sheet: sheet.name, course: sheet.course.folder, notebook: sheet.notebook, unsafe });
  if (released) {
    const stub = await grade(released),
      [points, most] = totals(stub);
    const faults = stub.filter(({ status }) => status === "error").map(lossOf);
    if (points > stubAtMost * most)
      faults.push(
        `the sheet as handed out gets ${points} of ${most} points, more than ${Math.round(100 * stubAtMost)} %`,
      );
    yield proof("stub", faults, `the sheet as handed out gets ${points} of ${most}`);
  }
  for (const task of tasks) {
    for (const mutant of task.mutants ?? [])
      yield await proveCaught(
        task,
        mutant,
        (await grade(sheet.notebook, task.task, { [task.task]: mutant.code })).find(
          (result) => result.task === task.task,
        ),
      );
  }
}

/** To start a sandbox takes far longer than to ask it: here the same solution is asked again and again. */
async function* proveInOneSandbox(options: Parameters<typeof kernelOf>[0]): AsyncGenerator<Proof> {
  const marked = markedSheet(options),
    submission = readNotebook(options.notebook),
    kernel = kernelOf(options, marked, submission, cheats.length + SEEDS);
  const notebook = parseInt(submission.sha256.slice(0, 8), 16);
  try {
    yield await proveSeeds(marked.tasks, kernel, notebook);
    yield* proveCheats(marked.tasks, kernel, notebook);
  } finally {
    await kernel.close();
  }
}

async function proveCaught(
  task: TaskDefinition,
  { name, losesAtLeast }: Mutant,
  result: TaskResult | undefined,
): Promise<Proof> {
  const what = `mutant ${task.task}`,
    most = regularPoints(task);
  if (!result || result.status === "error")
    return proof(what, [`“${name}” could not be judged: ${result?.reason ?? "no result"}`], "");
  const lost = most - result.points,
    why = result.reason.replace(/\s+/g, " ").slice(0, 110);
  const faults =
    lost + 1e-9 < losesAtLeast ? [`“${name}” loses ${lost} of ${most}; at least ${losesAtLeast} were to go`] : [];
  return proof(what, faults, `“${name}” loses ${lost} of ${most} (at least ${losesAtLeast}): ${why}`);
}

const shareOf = ({ task, points, max }: TaskResult): string => `${task} ${points}/${max}`;
const lossOf = (result: TaskResult): string =>
  `${shareOf(result)} (${result.reason.replace(/\s+/g, " ").slice(0, 160)})`;
const totals = (results: readonly TaskResult[]): [number, number] => [
  sumBy(results, ({ points }) => points),
  sumBy(results, ({ max }) => max),
];
