import type { SelectedCell } from "../notebook/select-cells";
import { decodeAnswer, type Answer } from "../judge/answers";
import type { Argument } from "../judge/arguments";
import { StudentFault } from "../judge/student-fault";
import type { Command } from "./command";
import { Sandbox } from "./sandbox";

/** Seconds: ample, since a busy machine takes its time with honest cells too. */
const START = 60, SHEET = 60, CELL = 20, ALL_CELLS = 60;
/** After so many ends of the process whatever is left is not tried. */
const MOST_STARTS = 5;

/**
 * The student's cells in a sandbox, begun anew whenever their code ended it, so that one task's fault costs no other task its points.
 */
export class StudentKernel {
  private sandbox?: Sandbox;
  private starts = 0;
  /** Cells that ended the process: not run again. */
  private readonly deadly = new Map<string, string>();
  /** What the last run of each cell complained of. */
  private readonly complaints = new Map<string, string>();

  constructor(private readonly command: () => Command, private readonly cells: readonly SelectedCell[]) {}

  /** Starts the process and runs the cells. @throws Error where there can be no sandbox */
  async ready(): Promise<Sandbox> {
    while (!this.sandbox || this.sandbox.dead) {
      await this.sandbox?.close();
      if (++this.starts > MOST_STARTS) throw new StudentFault("dead", "Your code ended its process again and again; it was not started any more.");
      this.sandbox = new Sandbox(this.command());
      await this.sandbox.started(START);
      await this.runCells(this.sandbox);
    }
    return this.sandbox;
  }

  /** What kept a cell from being what its task needs. */
  complaint(cell: string): string | undefined {
    return this.deadly.get(cell) ?? this.complaints.get(cell);
  }

  /** @throws StudentFault */
  async call(task: string, name: string, args: readonly Argument[], seconds: number): Promise<Answer> {
    const sandbox = await this.ready();
    const reply = await sandbox.ask({ do: "call", task: task.replace(/^task-/, "task "), function: name, args }, seconds, "Your function");
    if (reply.ok) return decodeAnswer(reply.value);
    if (reply.name === "Missing") throw new StudentFault("missing", `There is no function ${name}.`);
    throw new StudentFault("error", errorWords(String(reply.name), String(reply.message)));
  }

  async close(): Promise<void> {
    await this.sandbox?.close();
  }

  private async runCells(sandbox: Sandbox): Promise<void> {
    let end = Date.now() + 1000 * ALL_CELLS;
    for (const { name, source, only, own } of this.cells) {
      if (this.deadly.has(name)) continue;
      if (own) {
        await runOwn(sandbox, source);
        end = Date.now() + 1000 * ALL_CELLS;
        continue;
      }
      const left = (end - Date.now()) / 1000;
      if (left <= 0) return;
      try {
        const reply = await sandbox.ask({ do: "cell", name, source, ...(only && { only }) }, Math.min(CELL, left), "A cell of yours");
        const words = reply.ok ? (Array.isArray(reply.left) ? reply.left : []).join("\n") : errorWords(String(reply.name), String(reply.message));
        if (words) this.complaints.set(name, clipped(words));
        else this.complaints.delete(name);
      } catch (fault) {
        if (!(fault instanceof StudentFault)) throw fault;
        this.deadly.set(name, fault.message);
        return;
      }
    }
  }
}

/** The sheet's own declarations: nothing of the student's has run yet, so if they fail it is not the student who pays. */
async function runOwn(sandbox: Sandbox, source: string): Promise<void> {
  const ask = sandbox.ask({ do: "cell", name: "sheet", source, only: "declarations" }, SHEET, "The sheet's own cells");
  const reply = await ask.catch((fault: Error) => ({ ok: false as const, name: fault.name, message: fault.message }));
  if (!reply.ok) throw new Error(`the sheet's own cells could not be run: ${String(reply.message)}`);
}

/** The exact words are the student's own code's, or TensorFlow.js's. */
function errorWords(name: string, message: string): string {
  if (message === "not implemented") return "Not implemented yet.";
  if (/Cannot compute gradient of y=f\(x\)/.test(message)) return "Your function stopped with an error: TensorFlow.js found no way from the argument to the result. The function given to tf.grad must compute its result from its own argument.";
  return `Your function stopped with an error: ${clipped(name === "Error" ? message : `${name}: ${message}`)}`;
}

const clipped = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)} …` : text);
