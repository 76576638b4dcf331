import { Script } from "vm";
import { ADDED_LINES, type CompiledCell, type Compiler } from "./compiler";
import { definedDeclarations, withAny } from "./superseded-types";
import { KeyboardInterrupt, MemoryError } from "./errors";
import { npmNames, type Installer } from "./install";
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
  /** The cell has given these names their values; also where it failed afterwards. */
  declared?(names: Iterable<string>): void;
}

/** The value of a cell's last expression. */
export interface Outcome {
  value: unknown;
  /** It is written as an element of JSX. */
  isElement?: boolean;
}

/** What a debugger is told. */
interface DebugHook {
  /** A cell is compiled and about to run. A promise: it must wait for that. */
  begin(name: string, source: string): Promise<void> | undefined;
}

/** Compiles cells and runs them one after the other, keeping what they declare. */
export class Executor {
  /** The declarations of all cells so far, as the compiler wants them. */
  declarations = "";
  debug?: DebugHook;
  private readonly exports = createExports();
  /** Variables that the debugger made while the cell ran. */
  private readonly adopted = new Set<string>();
  /** A cell declared `_` itself, as lodash's users do. */
  private ownLast = false;

  constructor(
    private readonly compiler: Compiler,
    private readonly modules: CellModules,
    private readonly installer?: Installer,
  ) {}

  /** What a cell declared under that name. */
  value(name: string): unknown {
    return this.exports[name];
  }

  /** The text of one of the student's files. */
  textOf(file: string): string | undefined {
    return this.compiler.tslab.maps.textOf(file);
  }

  /** What all cells declared, by name. */
  get values(): Record<string, unknown> {
    return this.exports;
  }

  /** Makes a variable that no cell declares known to later cells, as `any`. */
  adopt(name: string): void {
    this.adopted.add(name);
    this.declare(this.declarations);
  }

  private declare(declarations: string): void {
    this.declarations = withAny(this.compiler.tslab.ts, declarations, this.adopted);
  }

  /** From now on `_` is this value, for cells that declare no `_` of their own. */
  remember(value: unknown): void {
    if (this.ownLast) return;
    if (!Object.hasOwn(this.exports, LAST)) this.declarations += `declare let ${LAST}: any;\n`;
    this.exports[LAST] = value;
  }

  /** The value of the last expression, undefined if there is none. */
  async run(name: string, source: string, cell: RunningCell, hooks: RunHooks): Promise<Outcome | undefined> {
    const packages = npmNames(source);
    if (this.installer && packages.length > 0) await cell.orCut(this.installer.provide(packages));
    hooks.compiling();
    this.modules.announce(source);
    this.adopted.clear();
    const compiled = this.compiler.compile(this.declarations, source, name);
    if (compiled.module) this.modules.declare(compiled.module.file, compiled.module.text);
    hooks.running();
    if (MENTIONS_LAST.test(source)) this.ownLast ||= compiled.names.has(LAST);
    const before = Object.getOwnPropertyDescriptors(this.exports);
    try {
      await cell.orCut(this.modules.prepare(compiled.output));
      const run = this.load(name, compiled);
      const breakpoints = this.debug?.begin(name, source);
      if (breakpoints) await cell.orCut(breakpoints);
      await cell.orCut(this.start(run, cell));
    } catch (error) {
      this.modules.abandon();
      if (error instanceof MemoryError) {
        this.putBack(before);
        throw error;
      }
      hooks.declared?.([...compiled.names].filter((each) => this.isNew(each, before)));
      const { ts } = this.compiler.tslab;
      this.declare(definedDeclarations(ts, compiled.declOutput, compiled.names, this.exports));
      throw error;
    }
    this.declare(compiled.declOutput);
    hooks.declared?.(compiled.names);
    const variable = compiled.lastExpressionVar;
    if (!variable) return undefined;
    const value = this.exports[variable];
    delete this.exports[variable];
    // Wrapped, because returning a promise from here would wait for it: a cell shows promises, it does not await them.
    return { value, isElement: compiled.isElement };
  }

  private isNew(name: string, before: PropertyDescriptorMap): boolean {
    const now = Object.getOwnPropertyDescriptor(this.exports, name),
      then = Object.hasOwn(before, name) ? before[name] : undefined;
    // Compiled code sets each of its names to undefined first.
    return (
      now !== undefined && (now.get ?? now.value) !== undefined && (now.get ?? now.value) !== (then?.get ?? then?.value)
    );
  }

  /** What a cell that filled the memory had defined would leave none for the next. */
  private putBack(before: PropertyDescriptorMap): void {
    for (const name of Object.keys(this.exports)) if (!Object.hasOwn(before, name)) delete this.exports[name];
    Object.defineProperties(this.exports, before);
  }

  private load(name: string, compiled: CompiledCell): Wrapped {
    const open = compiled.hasToplevelAwait ? "(async function (exports, require) {" : "(function (exports, require) {";
    this.compiler.tslab.maps.register(name, compiled.output, ADDED_LINES);
    const script = new Script(`${open}\n${compiled.output}\n})`, { filename: name, lineOffset: -1 });
    return script.runInThisContext() as Wrapped;
  }

  /** Starts on an event-loop turn of its own: an interrupt by termination drops whatever shares the turn. */
  private start(run: Wrapped, cell: RunningCell): Promise<void> {
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
