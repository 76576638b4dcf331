import type { RunHooks, Executor } from "../../../kernel/cell/executor";
import { CompileError } from "../../../kernel/cell/errors";
import { RunningCell } from "../../../kernel/cell/running-cell";
import type { Tslab } from "../../../kernel/cell/tslab";
import { statementsOf, type Statement } from "./statements";

const hooks: RunHooks = { compiling: () => undefined, running: () => undefined };
/**
 * Each drops the statements with errors, until none has any: one that uses another that was dropped goes in the next.
 */
const MOST_ROUNDS = 6;
/** Statements of a cell that are compiled one by one. */
const MOST_SINGLE = 200;

/** A statement that was not run, and what its names stood for then. */
interface Unfinished {
  readonly statement: Statement;
  readonly before: readonly unknown[];
}

/**
 * Runs cells as the kernel does. Of a cell that does not compile as a whole, or fails on its way (because it also shows
 * or tries out things that are not there when a task is marked: data, files, a network), what it declares is kept, as
 * far as that compiles; and what it computes, as "rest".
 */
export class Cells {
  private readonly unfinished = new Map<string, readonly Unfinished[]>();

  constructor(
    private readonly executor: Executor,
    private readonly tslab: Tslab,
  ) {}

  /** @returns the messages of what was left out @throws what the cell throws */
  async run(name: string, source: string, only?: "declarations" | "rest"): Promise<string[]> {
    if (only === "rest") {
      await this.rest(name);
      return [];
    }
    const all = statementsOf(this.tslab.ts, source),
      inert = all.filter((statement) => statement.inert);
    this.unfinished.delete(name);
    const before = new Map(all.flatMap(({ names }) => names.map((each) => [each, this.executor.value(each)])));
    // Functions are there at once; what comes after the error and is no function is not.
    const isLeft = ({ names }: Statement): boolean =>
      names.some((each) => [undefined, before.get(each)].includes(this.executor.value(each)));
    if (only === "declarations") {
      const left = await this.declare(name, inert);
      // Of a demonstration nothing is shown or tried out.
      this.leave(name, all.filter(isLeft));
      return left;
    }
    try {
      await this.execute(name, source);
      return [];
    } catch (error) {
      if (error instanceof CompileError) {
        await this.declare(name, inert);
        this.leave(
          name,
          all.filter((each) => (each.names.length > 0 ? isLeft(each) : !each.inert)),
        );
        return [...new Set(error.message.split("\n"))];
      }
      const left = inert.filter((each) => each.names.length === 0 || isLeft(each));
      if (left.some(({ names }) => names.length > 0)) await this.declare(name, left).catch(() => undefined);
      // What stands before the first variable that is not there has run.
      const first = all.findIndex((each) => !each.inert && isLeft(each));
      if (first >= 0)
        this.leave(
          name,
          all.slice(first).filter((each) => (each.names.length > 0 ? isLeft(each) : !each.inert)),
        );
      throw error;
    }
  }

  private leave(name: string, statements: readonly Statement[]): void {
    if (statements.length === 0 || statements.length > MOST_SINGLE) return;
    const before = ({ names }: Statement): unknown[] => names.map((each) => this.executor.value(each));
    this.unfinished.set(
      name,
      statements.map((statement) => ({ statement, before: before(statement) })),
    );
  }

  /**
   * One statement after the other, past those that fail: a table that a function looks into is computed, though the
   * cell also shows a picture that is not there. Asked for a second time (when all cells have run), only what declares
   * something that is still missing.
   */
  private async rest(name: string): Promise<void> {
    let left = this.unfinished.get(name) ?? [];
    const isMissing = ({ statement: { names }, before }: Unfinished): boolean =>
      names.length === 0 || names.some((each, i) => [undefined, before[i]].includes(this.executor.value(each)));
    for (let round = 0, some = true; round < MOST_ROUNDS && some && left.length > 0; round++) {
      some = false;
      const failed: Unfinished[] = [];
      for (const each of left.filter(isMissing)) {
        try {
          await this.execute(name, each.statement.text);
          some = true;
        } catch (error) {
          if (error instanceof CompileError) failed.push(each);
        }
      }
      left = failed;
    }
    this.unfinished.set(
      name,
      left.filter(({ statement: { names } }) => names.length > 0),
    );
  }

  private async declare(name: string, inert: readonly Statement[]): Promise<string[]> {
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
