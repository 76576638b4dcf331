import { random } from "vitrine/dist/kit";
import { Allowance, MachineBusy } from "../sandbox/allowance";
import { defaultMemoryMiB } from "../sandbox/limits";
import type { StudentKernel } from "../sandbox/student-kernel";
import { unsendable } from "./arguments";
import type { TaskDefinition, TaskPart } from "./define-task";
import { expectClose } from "./expect";
import { studentOf } from "./student";
import { AnswerWrong, StudentFault, type FaultKind } from "./student-fault";
import { UnheardErrors } from "./unheard-errors";

export interface PartOutcome {
  readonly part: TaskPart;
  readonly status: "passed" | "failed" | "error";
  /** Why there are no points: words for the student; for "error", for the instructor. */
  readonly reason?: string;
  readonly seconds: number;
}

export const defaultSeconds = 10;
/** After so many seconds in which a test neither ends nor asks anything it will never end. */
const SILENT_SECONDS = 120;

/**
 * So often a task's calls may end their process: no task is to cost the others the process. One end for each part is
 * usual.
 */
const MOST_ENDS = 3;
const endings: ReadonlySet<FaultKind> = new Set<FaultKind>(["dead", "flood", "timeout"]);

/** Where the student's functions are asked: their kernel, or what stands before it. */
export type Asked = Pick<StudentKernel, "ready" | "call" | "complaint">;

/**
 * Runs a task's parts one after the other. A part passes only by its test's return.
 * @throws MachineBusy where the machine kept the student's code from answering: that is no wrong answer
 */
export async function runTask(
  definition: TaskDefinition,
  kernel: Asked,
  seeds: readonly number[],
  { silence = SILENT_SECONDS }: { silence?: number } = {},
): Promise<PartOutcome[]> {
  const outcomes: PartOutcome[] = [];
  const { seconds = defaultSeconds, memoryMiB = defaultMemoryMiB } = definition.limits ?? {};
  let left = seconds,
    busy: MachineBusy | undefined,
    ends = 0,
    last: StudentFault | undefined;
  const calls = new Calls(),
    inTurn = oneAfterTheOther();
  const student = studentOf((name, args) =>
    calls.follow(
      name,
      inTurn(() => ask(name, args)),
    ),
  );
  const ask = async (name: string, args: Parameters<Asked["call"]>[2]): ReturnType<Asked["call"]> => {
    const odd = unsendable(args);
    if (odd !== undefined)
      throw new Error(
        `student.call("${name}"): there is ${odd} in the arguments; allowed: finite numbers, texts, truth values, ` +
          `null, lists and objects of them, and what student.tensor, student.network and the like make`,
      );
    if (left <= 0) throw new StudentFault("timeout", `The time for this task (${seconds} seconds) is used up.`);
    if (last && ends >= MOST_ENDS) throw last;
    const allowance = new Allowance(left);
    try {
      await kernel.ready(memoryMiB);
      return await kernel.call(definition.task, name, args, allowance);
    } catch (error) {
      if (error instanceof MachineBusy) busy = error;
      if (error instanceof StudentFault && endings.has(error.kind)) {
        ends++;
        last = error;
      }
      throw error instanceof StudentFault && error.kind === "missing" ? missing(definition, kernel, name) : error;
    } finally {
      left -= allowance.used;
    }
  };
  let silent: Error | undefined;
  const errors = new UnheardErrors();
  /** What the test should have waited for and did not. */
  const slip = async (): Promise<string | undefined> => {
    let unheard: string | undefined, error: string | undefined;
    // What goes on after the test's end may ask again, and only then compare.
    do {
      const name = await calls.unheard(),
        words = await errors.since();
      unheard ??= name;
      error ??= words;
    } while (calls.open);
    if (unheard) return `the hidden test does not wait for ${unheard}: an await is missing before the call`;
    return error === undefined
      ? undefined
      : `the hidden test does not wait for what fails in it (${error}): an await is missing`;
  };
  const outcomeOf = async (
    part: TaskPart,
    number: number,
  ): Promise<readonly [PartOutcome["status"], string?] | undefined> => {
    // Parts share their helpers: all of them may wait, and the job has ten minutes.
    if (silent) return ["error", `the hidden test itself failed: ${silent.message}`];
    try {
      const test = async (): Promise<void> =>
        part.test({
          student,
          random: random(...seeds, number),
          expectClose,
          fail: (words: unknown) => {
            if (typeof words !== "string" || words.trim() === "")
              throw new Error("`fail` is called without words; allowed: what the student is told");
            throw new AnswerWrong(words);
          },
        });
      await calls.untilSilent(test(), silence);
      const words = await slip();
      return words ? ["error", words] : ["passed"];
    } catch (error) {
      if (error instanceof SilentTest) silent = error;
      const words = await slip();
      if (words) return ["error", words];
      if (isStudents(error)) return ["failed", error.message.replace(/^✗ /, "") || "The answer is wrong."];
      return busy ? undefined : ["error", `the hidden test itself failed: ${inWords(error)}`];
    }
  };
  errors.listen();
  try {
    for (const [number, part] of definition.parts.entries()) {
      const started = performance.now(),
        outcome = await outcomeOf(part, number);
      if (busy) throw busy;
      const [status, reason] = outcome!;
      outcomes.push({ part, status, ...(reason && { reason }), seconds: (performance.now() - started) / 1000 });
    }
  } finally {
    errors.stop();
  }
  return outcomes;
}

/** A hidden test may ask several things at once; the sandbox is asked one at a time. */
function oneAfterTheOther(): <T>(ask: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return (ask) => {
    const now = before.then(ask);
    before = now.catch(() => undefined);
    return now;
  };
}

/** A hidden test may throw anything: nothing at all, or what cannot be printed. */
function inWords(thrown: unknown): string {
  try {
    const words = String((thrown as Partial<Error> | null | undefined)?.message ?? thrown);
    return words.trim() === "" ? "an error without words" : words;
  } catch {
    return "something that cannot be printed";
  }
}

/** A hidden test neither ends nor asks anything. */
class SilentTest extends Error {}

/** A call of the student's function that knows whether anybody waits for it. */
class Call<T> extends Promise<T> {
  heard = false;
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.heard = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** The calls that a test makes: one that it does not wait for is a slip of the test's, not the student's fault. */
class Calls {
  private readonly pending = new Set<Promise<unknown>>();
  private made: { name: string; call: Call<unknown> }[] = [];
  private last = performance.now();

  follow<T>(name: string, asked: Promise<T>): Promise<T> {
    const call = new Call<T>((resolve) => resolve(asked));
    const settled = (): void => {
      this.pending.delete(asked);
      this.last = performance.now();
    };
    this.pending.add(asked);
    this.made.push({ name, call });
    // A rejection that nobody hears would end the judge.
    asked.then(settled, settled);
    void Promise.prototype.then.call(call, undefined, () => undefined);
    return call;
  }

  /** Waits for all that were made since the last time. @returns the function of a call that nobody waited for */
  async unheard(): Promise<string | undefined> {
    await Promise.allSettled([...this.pending]);
    const { made } = this;
    this.made = [];
    return made.find(({ call }) => !call.heard)?.name;
  }

  get open(): boolean {
    return this.pending.size > 0;
  }

  /**
   * @throws Error where the test neither ends nor asks anything for so many seconds; keeps the process alive till then
   */
  async untilSilent(test: Promise<void>, seconds: number): Promise<void> {
    this.last = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const silent = new Promise<never>((_, reject) => {
      timer = setInterval(
        () => {
          if (this.pending.size > 0 || performance.now() - this.last < 1000 * seconds) return;
          reject(new SilentTest(`it does not come to its end (nothing happened for ${seconds} s)`));
        },
        Math.min(1000, 500 * seconds),
      );
    });
    return Promise.race([test, silent]).finally(() => clearInterval(timer));
  }
}

/** CheckFailed comes from the visible checks' own code. */
const isStudents = (error: unknown): error is Error =>
  error instanceof StudentFault ||
  error instanceof AnswerWrong ||
  (error instanceof Error && error.name === "CheckFailed");

function missing({ task, functions }: TaskDefinition, kernel: Asked, name: string): StudentFault {
  const why = kernel.complaint(task);
  const start = functions.includes(name) ? `There is no function ${name} in the notebook` : `There is no ${name}`;
  if (!why) return new StudentFault("missing", `${start}.`);
  const hint = /Cannot find name/.test(why)
    ? " When a task is marked only your functions and what the sheet imports and declares are there: a function " +
      "must use its arguments."
    : "";
  return new StudentFault("missing", `${start} that compiles: ${why}${hint}`);
}
