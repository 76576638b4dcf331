import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNotebook } from "vitrine-course/dist/sheet/notebook";
import { loadTasks } from "../judge/load-tasks";
import type { TaskDefinition } from "../judge/define-task";
import { sandboxMissing } from "../sandbox/command";
import type { Sheet } from "./course";
import { proveCaptionsInCode, proveForm, proveMetadata, provePoints } from "./proofs/notebook";
import { proveByJudging, proveMutantsListed } from "./proofs/judge";
import { proof, type Draft, type Proof } from "./proofs/proof";
import { proveRelease } from "./proofs/release";
import { proveRun } from "./proofs/run";

export interface ValidateOptions {
  /** Runs the whole solved sheet in the kernel, which is slow. Default: true. */
  readonly run?: boolean;
  /** Asks the judge about the solution, the stub and the mutants. Default: true. */
  readonly judge?: boolean;
  /** Seconds that a cell may take. Default: 180. */
  readonly secondsPerCell?: number;
  /** Share of the judged points that the sheet as handed out may get, 0 to 1. Default: 0.2. */
  readonly stubAtMost?: number;
}

/** Everything that can be shown of a sheet, quickest first; ends early only where nothing more can be asked. */
export async function* validateSheet(sheet: Sheet, options: ValidateOptions = {}): AsyncGenerator<Proof> {
  const { run = true, judge = true, secondsPerCell = 180, stubAtMost = 0.2 } = options;
  const folder = mkdtempSync(join(tmpdir(), "vitrine-validate-"));
  try {
    const draft: Draft = { sheet, notebook: readNotebook(sheet.notebook) };
    const form = proveForm(draft.notebook);
    if (!form.holds) {
      yield form;
      return;
    }
    yield proveMetadata(draft);
    const { tasks, fault } = tasksOf(sheet);
    yield provePoints(draft, tasks);
    yield fault ? proof("hidden tests", [fault], "") : proveMutantsListed(draft, tasks);
    yield proveCaptionsInCode(draft);
    const { proof: leak, released } = await proveRelease(draft, folder);
    yield leak;
    // Only the author's own code is judged here, so that a machine without a sandbox will do.
    if (judge && !fault && tasks.length > 0)
      yield* proveByJudging(draft, tasks, released, { stubAtMost, unsafe: sandboxMissing() !== undefined });
    if (run) yield* await proveRun(draft, secondsPerCell);
  } catch (error) {
    // Whatever else somebody may have written: one line, and the next sheet.
    yield proof("validation", [String((error as Error | null)?.message ?? error).split("\n")[0]], "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tasksOf({ judge }: Sheet): { tasks: TaskDefinition[]; fault?: string } {
  if (!existsSync(judge)) return { tasks: [] };
  try {
    return { tasks: loadTasks(judge) };
  } catch (error) {
    return { tasks: [], fault: (error as Error).message };
  }
}
