// The debugger's part on the main thread: what only that one knows, asked for through the inspector.
import * as path from "path";
import type * as tsTypes from "typescript";
import { bundleOf } from "../cell/result";
import { home } from "../shared/home";
import { GLOBALS, type Variable } from "./dap";
import { children, describe, fullText, isModule } from "./describe";
import { Places, type Compilation, type Place, type Spot } from "./places";

type TypeScript = typeof tsTypes;

/** What cells declared. */
interface Declared {
  readonly values: Record<string, unknown>;
  /** Makes a variable of that name known to later cells. */
  adopt(name: string): void;
}

/** How the kernel's cells and files were compiled, by the name their frames carry. */
interface Compilations {
  compilation(file: string): Compilation | undefined;
  files(): string[];
}

/** What a variable is shown with; `type` always, what a front end makes of it is its own affair. */
export type Shown = Variable & { type: string };

const KERNELS = /[\\/]node_modules[\\/](@?tslab|typescript)[\\/]/;
const MACHINERY = /^(tsLastExpr\d*|__esModule)$/;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Found by the I/O thread's debugger under a symbol. While nobody debugs, it only remembers which cells there are. */
export class DebugAgent {
  private readonly texts = new Map<string, string>();
  private readonly placesOf = new Map<string, Places | null>();
  /** What the panel may open; its reference counts from GLOBALS. */
  private opened: unknown[] = [];
  /** The cell that waits for its breakpoints. */
  private waiting: { name: string; go: () => void } | null = null;

  /** @param attached does a front end debug? */
  constructor(
    private readonly ts: TypeScript,
    private readonly compilations: Compilations,
    private readonly declared: Declared,
    private readonly attached: () => boolean,
    private readonly post: (message: { kind: "debug-cell"; name: string }) => void,
  ) {
    Object.defineProperty(globalThis, Symbol.for("vitrine.debugger"), { value: this });
  }

  /**
   * A cell is compiled and about to run under that name. While somebody debugs it must wait until its breakpoints are
   * set.
   */
  begin(name: string, text: string): Promise<void> | undefined {
    this.texts.set(name, text);
    this.placesOf.delete(name);
    if (!this.attached()) return undefined;
    this.post({ kind: "debug-cell", name });
    return new Promise((resolve) => {
      this.waiting = { name, go: resolve };
    });
  }

  /** The breakpoints of the cell of that name are set; none: nobody debugs any more. */
  go(name?: string): void {
    if (name === undefined || name === this.waiting?.name) this.waiting?.go();
  }

  /** All cells that ran: their names and texts. */
  cells(): [string, string][] {
    return [...this.texts];
  }

  /** Where spots of a compiled text lie in what the student wrote; of a file that was not compiled, where they are. */
  places(file: string, spots: readonly Spot[]): (Place | null)[] {
    let places = this.placesOf.get(file);
    if (places === undefined) {
      const compilation = this.compilations.compilation(file);
      const lines = this.texts.get(file)?.split("\n").length;
      places = compilation ? new Places(compilation, lines) : null;
      this.placesOf.set(file, places);
    }
    if (places) return spots.map((spot) => places.at(spot));
    return spots.map(([line, column]) => (path.isAbsolute(file) ? [line + 1, column + 1] : null));
  }

  /** The lines of a text on which something stands, comments excepted. */
  lines(text: string): number[] {
    const { ts } = this;
    const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, ts.LanguageVariant.Standard, text);
    const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022);
    const found = new Set<number>();
    while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken)
      found.add(file.getLineAndCharacterOfPosition(scanner.getTokenStart()).line + 1);
    return [...found];
  }

  /** Is one of these places inside a `try` that has a `catch`? */
  caught(frames: readonly { file: string; place: Place }[]): boolean {
    const { ts } = this;
    return frames.some(({ file, place: [line, column] }) => {
      const text = this.texts.get(file) ?? ts.sys.readFile(file) ?? "";
      const source = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022, true);
      const at = source.getPositionOfLineAndCharacter(line - 1, column - 1);
      const visit = (node: tsTypes.Node): boolean => {
        if (at < node.pos || at >= node.end) return false;
        const inner = ts.forEachChild(node, visit) ?? false;
        const tries = ts.isTryStatement(node) && node.catchClause !== undefined && at < node.tryBlock.end;
        return inner || tries;
      };
      return visit(source);
    });
  }

  /** Files that can be looked at: the student's own, and what was loaded of packages; nothing of the kernel's. */
  modules(): string[] {
    const own = this.compilations.files().filter((file) => path.isAbsolute(file));
    const loaded = Object.keys(require.cache).filter((file) => !file.startsWith(home.machinery) && !KERNELS.test(file));
    return [...new Set([...own, ...loaded])];
  }

  /** What the notebook's cells declared: values before functions, classes and modules. */
  globals(): Shown[] {
    return this.declaredBy(Object.keys(this.declared.values).filter((name) => !MACHINERY.test(name)));
  }

  /** Values of a frame by their names. `shared`: in place of a variable of a cell's own, what all cells see of it. */
  locals(names: readonly string[], shared: boolean, ...values: unknown[]): Shown[] {
    if (!shared) return this.listed(names.map((name, i) => [name, values[i]]));
    return this.declaredBy(names.filter((name) => Object.hasOwn(this.declared.values, name)));
  }

  /** What is in a value that was shown before. */
  open(reference: number): Shown[] {
    return this.listed(children(this.opened[reference - GLOBALS - 1]));
  }

  /** A single value, without a name. */
  show(value: unknown): Shown {
    return this.listed([["", value]])[0];
  }

  /** Nothing that was shown can be opened any more, and nothing is kept alive for it. */
  forget(): void {
    this.opened = [];
  }

  /** Shown as a cell would show it, or where nothing can be awaited as text. */
  full(value: unknown): Record<string, unknown> {
    return { "text/plain": fullText(value) };
  }

  async rich(name: string): Promise<Record<string, unknown>> {
    return Object.hasOwn(this.declared.values, name) ? bundleOf(this.declared.values[name]) : {};
  }

  /** A variable for all cells. Its type is not known, so it is `any`. */
  copy(name: string, value: unknown): void {
    this.declared.values[name] = value;
    this.declared.adopt(name);
  }

  /**
   * An expression in TypeScript as JavaScript that finds the notebook's variables. `hidden`: names that mean something
   * else in the frame where it is evaluated.
   */
  script(text: string, hidden: readonly string[]): string {
    const { ts } = this;
    const literal = /^\s*\{/.test(text) && !/;\s*$/.test(text.trim());
    const { outputText } = ts.transpileModule(literal ? `(${text})` : text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const agent = 'globalThis[Symbol.for("vitrine.debugger")]';
    return `with (${agent}.scope(${JSON.stringify(hidden)})) {\n${outputText}\n}`;
  }

  /** The value of an expression that belongs to no frame. */
  evaluate(text: string): Shown {
    return this.show((0, eval)(this.script(text, [])));
  }

  /** For `with`: the notebook's variables. */
  scope(hidden: readonly string[]): object {
    const { values } = this.declared;
    return new Proxy(values, {
      has: (_, name) => typeof name === "string" && Object.hasOwn(values, name) && !hidden.includes(name),
      get: (_, name) => (typeof name === "string" ? values[name] : undefined),
    });
  }

  private declaredBy(names: readonly string[]): Shown[] {
    const named = names.flatMap((name): [string, unknown][] => {
      try {
        return [[name, this.declared.values[name]]];
      } catch {
        // A cell only said that there is one (`declare const a: number`), and there is none.
        return [];
      }
    });
    const isValue = ([, value]: [string, unknown]): boolean => typeof value !== "function" && !isModule(value);
    return this.listed([...named.filter(isValue), ...named.filter((each) => !isValue(each))]);
  }

  private listed(named: readonly (readonly [string, unknown])[]): Shown[] {
    return named.map(([name, value]) => {
      const { open, ...shown } = describe(value);
      const variablesReference = open ? GLOBALS + this.opened.push(value) : 0;
      return { name, ...shown, evaluateName: IDENTIFIER.test(name) ? name : "", variablesReference };
    });
  }
}
