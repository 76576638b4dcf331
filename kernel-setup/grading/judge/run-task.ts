import { random } from "vitrine/dist/util/random";
import type { StudentKernel } from "../sandbox/student-kernel";
import type { TaskDefinition, TaskPart } from "./define-task";
import { expectClose } from "./expect";
import { studentOf } from "./student";
import { AnswerWrong, StudentFault } from "./student-fault";

export interface PartOutcome {
  readonly part: TaskPart;
  readonly status: "passed" | "failed" | "error";
  /** Why there are no points: words for the student; for "error", for the instructor. */
  readonly reason?: string;
  readonly seconds: number;
}

const defaultSeconds = 10;

/** Runs a task's parts one after the other. A part passes only by its test's return. */
export async function runTask(definition: TaskDefinition, kernel: StudentKernel, seeds: readonly number[]): Promise<PartOutcome[]> {
  const outcomes: PartOutcome[] = [];
  let left = definition.limits?.seconds ?? defaultSeconds;
  const student = studentOf(async (name, args) => {
    await kernel.ready();
    if (left <= 0) throw new StudentFault("timeout", `The time for this task (${definition.limits?.seconds ?? defaultSeconds} seconds) is used up.`);
    const started = performance.now();
    try {
      return await kernel.call(definition.task, name, args, left);
    } catch (error) {
      throw error instanceof StudentFault && error.kind === "missing" ? missing(definition, kernel, name) : error;
    } finally {
      left -= (performance.now() - started) / 1000;
    }
  });
  for (const [number, part] of definition.parts.entries()) {
    const started = performance.now();
    const outcome = (status: PartOutcome["status"], reason?: string): void => void outcomes.push({ part, status, ...(reason && { reason }), seconds: (performance.now() - started) / 1000 });
    try {
      await part.test({ student, random: random(...seeds, number), expectClose, fail: (words) => { throw new AnswerWrong(words); } });
      outcome("passed");
    } catch (error) {
      if (isStudents(error)) outcome("failed", error.message.replace(/^✗ /, ""));
      else outcome("error", `the hidden test itself failed: ${(error as Error).message ?? String(error)}`);
    }
  }
  return outcomes;
}

/** CheckFailed comes from the visible checks' own code. */
const isStudents = (error: unknown): error is Error =>
  error instanceof StudentFault || error instanceof AnswerWrong || (error instanceof Error && error.name === "CheckFailed");

function missing({ task, functions }: TaskDefinition, kernel: StudentKernel, name: string): StudentFault {
  const why = kernel.complaint(task);
  const start = functions.includes(name) ? `There is no function ${name} in the notebook` : `There is no ${name}`;
  if (!why) return new StudentFault("missing", `${start}.`);
  const hint = /Cannot find name/.test(why) ? " When a task is marked only your functions and what the sheet imports and declares are there: a function must use its arguments." : "";
  return new StudentFault("missing", `${start} that compiles: ${why}${hint}`);
}
