import type { RunHooks, Executor } from "../../../kernel/cell/executor";
import { CompileError } from "../../../kernel/cell/errors";
import { RunningCell } from "../../../kernel/cell/running-cell";
import type { Tslab } from "../../../kernel/cell/tslab";
import { inertStatements } from "./statements";

const hooks: RunHooks = { compiling: () => undefined, running: () => undefined };
/**
 * Each drops the statements with errors, until none has any: one that uses another that was dropped goes in the next.
 */
const MOST_ROUNDS = 6;

/**
 * Runs cells as the kernel does. Of a cell that does not compile as a whole (because it also shows or tries out things
 * that are not there when a task is marked) what it declares is kept, as far as that compiles.
 */
export class Cells {
  constructor(
    private readonly executor: Executor,
    private readonly tslab: Tslab,
  ) {}

  /** @returns the messages of what was left out @throws what the cell throws */
  async run(name: string, source: string, only?: "declarations"): Promise<string[]> {
    if (only === undefined) {
      try {
        await this.execute(name, source);
        return [];
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        await this.declare(name, source);
        return [...new Set(error.message.split("\n"))];
      }
    }
    return this.declare(name, source);
  }

  private async declare(name: string, source: string): Promise<string[]> {
    let statements = inertStatements(this.tslab.ts, source);
    const left: string[] = [];
    for (let round = 0; round < MOST_ROUNDS && statements.length > 0; round++) {
      const text = statements.map((each) => each.text);
      try {
        await this.execute(name, text.join("\n"));
        return left;
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        left.push(error.message);
        const wrong = faultyParts(text, error);
        if (wrong.size === 0) return left;
        statements = statements.filter((_, i) => !wrong.has(i));
      }
    }
    return left;
  }

  private async execute(name: string, source: string): Promise<void> {
    await this.executor.run(name, source, new RunningCell(0), hooks);
  }
}

/** Which of the texts, joined by line breaks, the compiler complains of. */
function faultyParts(texts: readonly string[], { diagnostics }: CompileError): Set<number> {
  const faulty = new Set<number>();
  let line = 0;
  texts.forEach((text, i) => {
    const end = line + text.split("\n").length;
    if (diagnostics.some(({ start, fileName }) => !fileName && start.line >= line && start.line < end)) faulty.add(i);
    line = end;
  });
  return faulty;
}
