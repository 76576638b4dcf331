import type { RunHooks, Executor } from "../../../kernel/cell/executor";
import { CompileError } from "../../../kernel/cell/errors";
import { RunningCell } from "../../../kernel/cell/running-cell";
import type { Tslab } from "../../../kernel/cell/tslab";
import { inertStatements, type InertStatement } from "./statements";

const hooks: RunHooks = { compiling: () => undefined, running: () => undefined };
/**
 * Each drops the statements with errors, until none has any: one that uses another that was dropped goes in the next.
 */
const MOST_ROUNDS = 6;

/**
 * Runs cells as the kernel does. Of a cell that does not compile as a whole, or fails on its way (because it also shows
 * or tries out things that are not there when a task is marked: data, files, a network), what it declares is kept, as
 * far as that compiles.
 */
export class Cells {
  constructor(
    private readonly executor: Executor,
    private readonly tslab: Tslab,
  ) {}

  /** @returns the messages of what was left out @throws what the cell throws */
  async run(name: string, source: string, only?: "declarations"): Promise<string[]> {
    const inert = inertStatements(this.tslab.ts, source);
    if (only === undefined) {
      const before = new Map(inert.flatMap(({ names }) => names.map((each) => [each, this.executor.value(each)])));
      try {
        await this.execute(name, source);
        return [];
      } catch (error) {
        if (error instanceof CompileError) {
          await this.declare(name, inert);
          return [...new Set(error.message.split("\n"))];
        }
        // Functions are there at once; what comes after the error and is no function is not.
        const isLeft = (each: string): boolean => [undefined, before.get(each)].includes(this.executor.value(each));
        const left = inert.filter(({ names }) => names.length === 0 || names.some(isLeft));
        if (left.some(({ names }) => names.length > 0)) await this.declare(name, left).catch(() => undefined);
        throw error;
      }
    }
    return this.declare(name, inert);
  }

  private async declare(name: string, inert: readonly InertStatement[]): Promise<string[]> {
    let statements = inert;
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
