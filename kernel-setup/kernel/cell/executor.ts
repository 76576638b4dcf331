import { Script } from "vm";
import { declaredNames } from "./cell-variables";
import { ADDED_LINES, type CompiledCell, type Compiler } from "./compiler";
import { definedDeclarations } from "./superseded-types";
import { KeyboardInterrupt, MemoryError } from "./errors";
import { createExports, type CellRequire } from "./local-modules";
import type { CellModules } from "./modules";
import type { RunningCell } from "./running-cell";

const realImmediate = setImmediate;
/** The name of the last result. */
const LAST = "_";
const MENTIONS_LAST = /(?<![\w$])_(?![\w$])/;
type Wrapped = (exports: Record<string, unknown>, require: CellRequire) => void | Promise<void>;

/** What a run is told about. */
export interface RunHooks {
  compiling(): void;
  /** @throws KeyboardInterrupt if the interrupt came while compiling */
  running(): void;
}

/** Compiles cells and runs them one after the other, keeping what they declare. */
export class Executor {
  /** The declarations of all cells so far, as the compiler wants them. */
  declarations = "";
  private readonly exports = createExports();
  /** A cell declared `_` itself, as lodash's users do. */
  private ownLast = false;

  constructor(
    private readonly compiler: Compiler,
    private readonly modules: CellModules,
  ) {}

  /** What a cell declared under that name. */
  value(name: string): unknown {
    return this.exports[name];
  }

  /** From now on `_` is this value, for cells that declare no `_` of their own. */
  remember(value: unknown): void {
    if (this.ownLast) return;
    if (!Object.hasOwn(this.exports, LAST)) this.declarations += `declare let ${LAST}: any;\n`;
    this.exports[LAST] = value;
  }

  /** The value of the last expression, undefined if there is none. */
  async run(name: string, source: string, cell: RunningCell, hooks: RunHooks): Promise<unknown> {
    hooks.compiling();
    const compiled = this.compiler.compile(this.declarations, source, name);
    if (compiled.module) this.modules.declare(compiled.module.file, compiled.module.text);
    hooks.running();
    if (MENTIONS_LAST.test(source)) this.ownLast ||= declaredNames(this.compiler.tslab.ts, source).has(LAST);
    const before = Object.getOwnPropertyDescriptors(this.exports);
    try {
      await cell.orCut(this.modules.prepare(compiled.output));
      await cell.orCut(this.start(name, compiled, cell));
    } catch (error) {
      if (error instanceof MemoryError) {
        this.putBack(before);
        throw error;
      }
      const { ts } = this.compiler.tslab;
      const own = declaredNames(ts, source);
      const earlier = new Set(Object.keys(before).filter((each) => !own.has(each)));
      this.declarations = definedDeclarations(ts, compiled.declOutput, this.exports, earlier);
      throw error;
    }
    this.declarations = compiled.declOutput;
    const variable = compiled.lastExpressionVar;
    if (!variable) return undefined;
    const value = this.exports[variable];
    delete this.exports[variable];
    // Wrapped, because returning a promise from here would wait for it: a cell shows promises, it does not await them.
    return { value };
  }

  /** What a cell that filled the memory had defined would leave none for the next. */
  private putBack(before: PropertyDescriptorMap): void {
    for (const name of Object.keys(this.exports)) if (!Object.hasOwn(before, name)) delete this.exports[name];
    Object.defineProperties(this.exports, before);
  }

  /** Starts on an event-loop turn of its own: an interrupt by termination drops whatever shares the turn. */
  private start(name: string, compiled: CompiledCell, cell: RunningCell): Promise<void> {
    const open = compiled.hasToplevelAwait ? "(async function (exports, require) {" : "(function (exports, require) {";
    this.compiler.tslab.maps.register(name, compiled.output, ADDED_LINES);
    const script = new Script(`${open}\n${compiled.output}\n})`, { filename: name, lineOffset: -1 });
    const run = script.runInThisContext() as Wrapped;
    const require = this.modules.requireFor();
    return new Promise((resolve, reject) => {
      realImmediate(() => {
        try {
          if (cell.interrupted) throw new KeyboardInterrupt();
          resolve(run(this.exports, require));
        } catch (error) {
          // A cell may throw anything.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          reject(error);
        }
      });
    });
  }
}
