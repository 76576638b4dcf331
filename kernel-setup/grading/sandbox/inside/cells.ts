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
  /** By task: what names stood for until a later task's cell took them for something else of its own. */
  private readonly taken = new Map<string, Map<string, { then: PropertyDescriptor; run: number }>>();
  /** By name: in which run it was given its value. */
  private readonly given = new Map<string, number>();
  private runs = 0;
  /** Names that are undefined in a cell that ran to its end. */
  private readonly empty = new Set<string>();
  /** What the names that are put back now stand for at the end of all cells. */
  private atTheEnd: PropertyDescriptorMap = {};

  constructor(
    private readonly executor: Executor,
    private readonly tslab: Tslab,
  ) {}

  /**
   * @param task whose solution it is
   * @returns the messages of what was left out @throws what the cell throws
   */
  async run(name: string, source: string, only?: "declarations" | "rest", task?: string): Promise<string[]> {
    const all =
        only === "rest"
          ? (this.unfinished.get(name) ?? []).map(({ statement }) => statement)
          : statementsOf(this.tslab.ts, source),
      before = Object.getOwnPropertyDescriptors(this.executor.values);
    let isWhole = false;
    try {
      if (only === "rest") {
        await this.rest(name);
        return [];
      }
      const left = await this.runAll(name, source, all, only);
      isWhole = only === undefined && left.length === 0;
      return left;
    } finally {
      this.note(before, isWhole, task);
    }
  }

  /**
   * As it was when the task's cell had run, and its check below it: a helper that a later task's cell calls by the same
   * name is that task's. Of the function that is asked the last one counts, wherever it stands, with what stands there.
   */
  asFor(task: string, asked: string): void {
    const { values } = this.executor;
    for (const [name, last] of Object.entries(this.atTheEnd)) Reflect.defineProperty(values, name, last);
    this.atTheEnd = {};
    for (const [name, { then, run }] of this.taken.get(task) ?? []) {
      const last = Object.getOwnPropertyDescriptor(values, name);
      if (!last || (this.given.get(asked) ?? 0) >= run) continue;
      this.atTheEnd[name] = last;
      Reflect.defineProperty(values, name, then);
    }
  }

  /**
   * A cell has given names other values, whether it declares them or assigns to what another cell declares. What stands
   * in a cell of no task is for all tasks.
   * @param isWhole whether it ran to its end: what is undefined then is meant to be so
   */
  private note(before: PropertyDescriptorMap, isWhole: boolean, task?: string): void {
    const valueOf = (each?: PropertyDescriptor): unknown => each?.get ?? each?.value;
    this.runs++;
    for (const [name, now] of Object.entries(Object.getOwnPropertyDescriptors(this.executor.values))) {
      const then = Object.hasOwn(before, name) ? before[name] : undefined;
      if (then && Object.is(valueOf(then), valueOf(now))) continue;
      this.given.set(name, this.runs);
      // What it computes last is the newest of its own.
      if (task !== undefined) this.taken.get(task)?.delete(name);
      const isMeant = this.empty.has(name);
      if (isWhole && valueOf(now) === undefined) this.empty.add(name);
      else this.empty.delete(name);
      if (!then || (valueOf(then) === undefined && !isMeant)) continue;
      for (const [other, kept] of this.taken) {
        if (task === undefined) kept.delete(name);
        else if (other !== task && !kept.has(name)) kept.set(name, { then, run: this.runs });
      }
    }
    if (task !== undefined && !this.taken.has(task)) this.taken.set(task, new Map());
  }

  private async runAll(
    name: string,
    source: string,
    all: readonly Statement[],
    only?: "declarations",
  ): Promise<string[]> {
    const inert = all.filter((statement) => statement.inert);
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
