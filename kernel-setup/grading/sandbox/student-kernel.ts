import { MOST_ADDED, type SelectedCell } from "../notebook/select-cells";
import { decodeAnswer, type Answer } from "../judge/answers";
import type { Argument } from "../judge/arguments";
import { NO_GRADIENT, StudentFault } from "../judge/student-fault";
import { Allowance, MachineBusy } from "./allowance";
import type { Command } from "./command";
import { defaultMemoryMiB } from "./limits";
import { Sandbox } from "./sandbox";

/** Seconds, as an Allowance counts them. */
const START = 60,
  SHEET = 60,
  CELL = 20,
  ALL_CELLS = 60;
/** Share of the cells' time that is left for the tasks' solutions. */
const FOR_SOLUTIONS = 1 / 6;
/** With less time the rest of a cell that failed on its way is not begun. */
const LEAST_FOR_REST = 5;
/**
 * After so many ends of the process by cells whatever is left is not tried. Those by a task's calls are the task's
 * (run-task.ts).
 */
const MOST_DEATHS = 5;

/**
 * The student's cells in a sandbox, begun again whenever their code ended it, so that one task's fault costs no other
 * task its points, and for a task that may have more or less memory than the one before.
 */
export class StudentKernel {
  private sandbox?: Sandbox;
  private memoryMiB?: number;
  /** How often cells ended the process, and how often calls did. */
  private deaths = 0;
  private ends = 0;
  /** All cells have run in this process. */
  private whole = false;
  /** Seconds for cells that run once more because the code ended its process: all of them together. */
  private again: number;
  /** Seconds for all cells, the first time. */
  private readonly all: number;
  /** Cells that the student added and that are too many to be run. */
  private readonly left: number;
  /** MiB that the processes of one sandbox had at the most. */
  private peak = 0;
  /** Seconds that each cell took which came to its end. */
  private readonly took = new Map<string, number>();
  /** Cells that ended the process: not run again. */
  private readonly deadly = new Map<string, string>();
  /** What the last run of each cell complained of. */
  private readonly complaints = new Map<string, string>();
  /** The rest of cells that failed on their way is run, too; once that ended the process, only where it did not. */
  private restAsWell = true;
  private readonly restDone = new Set<string>();

  /** @param command what starts a sandbox with so much memory */
  constructor(
    private readonly command: (memoryMiB: number) => Command,
    private readonly cells: readonly SelectedCell[],
    { all = ALL_CELLS, again = ALL_CELLS, left = 0 }: { all?: number; again?: number; left?: number } = {},
  ) {
    this.all = all;
    this.again = again;
    this.left = left;
  }

  /**
   * Starts the process and runs the cells, unless it is there.
   * @param memoryMiB that it may have. Default: as much as before
   * @throws Error where there can be no sandbox; StudentFault where there is to be none any more
   */
  async ready(memoryMiB = this.memoryMiB ?? defaultMemoryMiB): Promise<Sandbox> {
    if (this.sandbox && memoryMiB !== this.memoryMiB && !this.sandbox.dead) await this.leave();
    // A cell that took too much may have enough now.
    if (memoryMiB !== this.memoryMiB) this.deadly.clear();
    this.memoryMiB = memoryMiB;
    while (!this.sandbox || this.sandbox.dead) {
      if (this.deaths >= MOST_DEATHS || this.again <= 0)
        throw new StudentFault("dead", "Your code ended its process again and again; it was not started any more.");
      if (this.sandbox) {
        if (this.whole) this.ends++;
        else this.deaths++;
        await this.leave();
        continue;
      }
      this.sandbox = new Sandbox(this.command(memoryMiB));
      await this.sandbox.started(START);
      await this.runCells(this.sandbox);
      this.whole = !this.sandbox.dead;
    }
    return this.sandbox;
  }

  get peakMiB(): number {
    return Math.max(this.peak, this.sandbox?.peakMiB ?? 0);
  }

  /** What kept a cell from being what its task needs. */
  complaint(cell: string): string | undefined {
    const words = this.deadly.get(cell) ?? this.complaints.get(cell),
      // What is missing may be in one of them.
      note = `of the cells that you added the first ${MOST_ADDED} are run, and ${this.left} are left out`;
    return this.left === 0 ? words : words === undefined ? note : `${words}\n(${note})`;
  }

  /** @param allowance of the call: afterwards it says what was used @throws StudentFault; MachineBusy */
  async call(task: string, name: string, args: readonly Argument[], allowance: Allowance): Promise<Answer> {
    const sandbox = await this.ready();
    const reply = await sandbox.ask(
      { do: "call", task: task.replace(/^task-/, "task "), solves: task, function: name, args },
      allowance,
      "Your function",
    );
    if (reply.ok) return decodeAnswer(reply.value);
    if (reply.name === "Missing") throw new StudentFault("missing", `There is no function ${name}.`);
    throw new StudentFault("error", this.errorWords(reply));
  }

  async close(): Promise<void> {
    await this.leave();
  }

  private async leave(): Promise<void> {
    await this.sandbox?.close();
    this.peak = this.peakMiB;
    this.sandbox = undefined;
  }

  private async runCells(sandbox: Sandbox): Promise<void> {
    const first = this.deaths + this.ends === 0;
    let left = first ? this.all : this.again;
    // What the student tried out is not to take the time of the solutions.
    const kept = this.all * FOR_SOLUTIONS,
      timeFor = (task: string | undefined): number => (task === undefined ? left - kept : left);
    const spend = ({ used }: Allowance): void => {
      left -= used;
      if (!first) this.again -= used;
    };
    const unfinished: SelectedCell[] = [];
    for (const cell of this.cells) {
      const { name, source, only: given, own, task } = cell;
      if (this.deadly.has(name)) continue;
      if (own) {
        await runOwn(sandbox, source);
        continue;
      }
      if (left <= 0) {
        this.complaints.set(name, `the cells before it took longer than ${this.all} seconds`);
        continue;
      }
      const mine = timeFor(task);
      // There is no time for what it computes: run once more as far as it was not stopped before.
      const only = task === undefined && (first ? 0 : (this.took.get(name) ?? CELL)) >= mine ? "declarations" : given;
      const allowance = new Allowance(Math.min(CELL, only === undefined ? mine : left));
      let isWhole: boolean;
      try {
        const reply = await sandbox.ask(
          { do: "cell", name, source, ...(only && { only }), ...(task !== undefined && { solves: task }) },
          allowance,
          "A cell of yours",
        );
        isWhole = reply.ok && reply.left.length === 0 && only === undefined;
        const words = reply.ok ? reply.left.join("\n") : this.errorWords(reply);
        if (words) this.complaints.set(name, clipped(words));
        else this.complaints.delete(name);
      } catch (fault) {
        if (!(fault instanceof StudentFault)) throw fault;
        spend(allowance);
        this.deadly.set(name, fault.message);
        return;
      }
      spend(allowance);
      if (only === given) this.took.set(name, allowance.used);
      if (isWhole) continue;
      unfinished.push(cell);
      if (!(await this.runRest(sandbox, cell, timeFor(task), spend))) return;
    }
    // What stands in a cell below is there now.
    for (const cell of unfinished) if (!(await this.runRest(sandbox, cell, timeFor(cell.task), spend))) return;
  }

  /** @returns whether the process is still there */
  private async runRest(
    sandbox: Sandbox,
    { name, task }: SelectedCell,
    seconds: number,
    spend: (allowance: Allowance) => void,
  ): Promise<boolean> {
    if (!(this.restAsWell || this.restDone.has(name)) || seconds < LEAST_FOR_REST) return true;
    const allowance = new Allowance(Math.min(CELL, seconds));
    try {
      await sandbox.ask(
        { do: "cell", name, source: "", only: "rest", ...(task !== undefined && { solves: task }) },
        allowance,
        "A cell of yours",
      );
      this.restDone.add(name);
      return true;
    } catch (fault) {
      if (!(fault instanceof StudentFault)) throw fault;
      // More was tried than had to be: the first time that is not held against the student.
      if (this.restAsWell) this.deaths--;
      this.restAsWell = false;
      this.restDone.delete(name);
      return false;
    } finally {
      spend(allowance);
    }
  }

  /** The exact words are the student's own code's, or TensorFlow.js's. */
  private errorWords({ name, message }: { name: string; message: string }): string {
    if (message === "not implemented") return "Not implemented yet.";
    if (/Cannot compute gradient of y=f\(x\)/.test(message)) return NO_GRADIENT;
    const words =
      `Your function stopped with an error: ` +
      `${clipped(name === "Error" ? message || "it has no words" : `${name}: ${message}`)}`;
    return /allocation failed|out of memory/i.test(message)
      ? `${words} (The memory that it may have for this task is ${this.memoryMiB} MiB.)`
      : words;
  }
}

/**
 * The sheet's own declarations: nothing of the student's has run yet, so if they fail it is not the student who pays.
 */
async function runOwn(sandbox: Sandbox, source: string): Promise<void> {
  const ask = sandbox.ask(
    { do: "cell", name: "sheet", source, only: "declarations" },
    new Allowance(SHEET),
    "The sheet's own cells",
  );
  const reply = await ask.catch((fault: Error) => {
    if (fault instanceof MachineBusy) throw fault;
    return { ok: false as const, name: fault.name, message: fault.message };
  });
  if (!reply.ok) throw new Error(`the sheet's own cells could not be run: ${reply.message}`);
}

const clipped = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)} …` : text);
