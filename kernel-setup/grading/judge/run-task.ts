import { random } from "vitrine/dist/kit";
import { Allowance, MachineBusy } from "../sandbox/allowance";
import { defaultMemoryMiB } from "../sandbox/limits";
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

export const defaultSeconds = 10;

/** Where the student's functions are asked: their kernel, or what stands before it. */
export type Asked = Pick<StudentKernel, "ready" | "call" | "complaint">;

/**
 * Runs a task's parts one after the other. A part passes only by its test's return.
 * @throws MachineBusy where the machine kept the student's code from answering: that is no wrong answer
 */
export async function runTask(definition: TaskDefinition, kernel: Asked, seeds: readonly number[]): Promise<PartOutcome[]> {
  const outcomes: PartOutcome[] = [];
  const { seconds = defaultSeconds, memoryMiB = defaultMemoryMiB } = definition.limits ?? {};
  let left = seconds, busy: MachineBusy | undefined;
  const student = studentOf(async (name, args) => {
    if (left <= 0) throw new StudentFault("timeout", `The time for this task (${seconds} seconds) is used up.`);
    const allowance = new Allowance(left);
    try {
      await kernel.ready(memoryMiB);
      return await kernel.call(definition.task, name, args, allowance);
    } catch (error) {
      if (error instanceof MachineBusy) busy = error;
      throw error instanceof StudentFault && error.kind === "missing" ? missing(definition, kernel, name) : error;
    } finally {
      left -= allowance.used;
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
      else if (!busy) outcome("error", `the hidden test itself failed: ${(error as Error).message ?? String(error)}`);
    }
    if (busy) throw busy;
  }
  return outcomes;
}

/** CheckFailed comes from the visible checks' own code. */
const isStudents = (error: unknown): error is Error =>
  error instanceof StudentFault || error instanceof AnswerWrong || (error instanceof Error && error.name === "CheckFailed");

function missing({ task, functions }: TaskDefinition, kernel: Asked, name: string): StudentFault {
  const why = kernel.complaint(task);
  const start = functions.includes(name) ? `There is no function ${name} in the notebook` : `There is no ${name}`;
  if (!why) return new StudentFault("missing", `${start}.`);
  const hint = /Cannot find name/.test(why) ? " When a task is marked only your functions and what the sheet imports and declares are there: a function must use its arguments." : "";
  return new StudentFault("missing", `${start} that compiles: ${why}${hint}`);
}
