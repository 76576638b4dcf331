// From a cell's TypeScript to JavaScript that can run.
import * as path from "path";
import type * as tsTypes from "typescript";
import { ADDED, withOuterVars } from "./block-variables";
import { Extent } from "./cell-programs";
import { declaredNames, withExports, type LastExpression } from "./cell-variables";
import { CompileError } from "./errors";
import { hintFor, hintForBlock } from "./hints";
import { keptModules, withoutRepeated } from "./kept-declarations";
import { reunite, setTypesAside } from "./superseded-types";
import { awaitsAtTopLevel } from "./top-level-await";
import type { Converter, ConvertResult, Diagnostic, Tslab } from "./tslab";

/** Lines that tslab puts before a cell's source. */
export const ADDED_LINES = 1;

/** A cell, compiled. */
export interface CompiledCell extends ConvertResult {
  output: string;
  declOutput: string;
  /** What it declares. */
  names: ReadonlySet<string>;
  /** It ends with an element of JSX. */
  isElement?: boolean;
  /** The cell declares a module instead of running. */
  module?: { file: string; text: string };
}

/** tslab's converter, made again after it broke: it throws on some input and is then left half-way. */
export class Compiler {
  private current: Converter | null = null;
  private last = "";
  private toldProblem?: string;
  private readonly toldUntyped = new Set<string>();

  constructor(readonly tslab: Tslab) {
    this.warm();
  }

  /** The first program takes most of a second; later ones reuse it. */
  private warm(): void {
    this.converter.convert("", "0");
  }

  /** Reads what the first cells did without, while there is nothing else to do. */
  prepare(): void {
    this.isPrepared = true;
    try {
      this.tslab.extend(Extent.Documentation, true);
    } catch {
      this.drop();
    }
  }

  isPrepared = false;

  private get converter(): Converter {
    return (this.current ??= this.tslab.createConverter());
  }

  /** @throws CompileError with the compiler's diagnostics */
  compile(declarations: string, source: string, cell: string): CompiledCell {
    this.lookAround();
    this.tellProblem();
    this.tslab.maps.begin();
    const { module } = this.tslab.getCodeMetadata(source);
    if (module) {
      this.tslab.extend(Extent.Declarations);
      const diagnostics = this.use((converter) => converter.addModule(module, source));
      if (diagnostics.length > 0) throw new CompileError(diagnostics, cell);
      return {
        output: "",
        declOutput: declarations,
        names: new Set(),
        diagnostics: [],
        module: { file: path.join(this.tslab.folder, `${module}.ts`).replace(/\\/g, "/"), text: source },
      };
    }
    const { ts, scriptKind } = this.tslab;
    const text = withOuterVars(ts, withoutExport(ts, source, scriptKind), scriptKind);
    const names = declaredNames(ts, text, scriptKind);
    const earlier = withoutRepeated(ts, setTypesAside(ts, declarations, names), text);
    const exporting = withExports(text, names);
    // A cell that is run twice in a row would be the compiler's same file, to which onlyOnce was done already.
    this.last = names.size > 0 && exporting === this.last ? exporting.replace(/\}$/, " }") : exporting;
    const convert = (): { result: ConvertResult; lastExpression?: LastExpression } =>
      this.use((converter) => {
        this.tslab.lastExpression = undefined;
        const result = converter.convert(earlier, this.last);
        return { result, lastExpression: this.tslab.lastExpression };
      });
    let { result, lastExpression } = convert();
    // What it lacks may be in declarations that were not read yet.
    if (result.diagnostics.length > 0 && this.tslab.extend(Extent.Declarations))
      ({ result, lastExpression } = convert());
    const faults = [...withinCell(result.diagnostics, source), ...this.tslab.dependencies.faults];
    if (faults.length > 0) throw new CompileError(faults, cell, hintFor(source, result.diagnostics));
    this.tellUntyped();
    const hint = hintForBlock(ts, source);
    if (hint) console.warn(hint);
    return {
      ...result,
      output: result.output ?? "",
      declOutput: reunite(ts, (result.declOutput ?? "") + keptModules(ts, earlier, names)),
      names,
      lastExpressionVar: lastExpression?.name,
      isElement: lastExpression?.isElement,
      hasToplevelAwait: awaitsAtTopLevel(ts, source, "cell.ts", scriptKind),
    };
  }

  /** To be called before each question: what changed on the disk since the last. */
  lookAround(): void {
    if (this.tslab.lookAround()) this.drop();
  }

  private tellProblem(): void {
    const { problem } = this.tslab;
    if (problem && problem !== this.toldProblem)
      console.error(`${problem}\nCells are compiled as far as it could be read.`);
    this.toldProblem = problem;
  }

  /** Once for each package. */
  private tellUntyped(): void {
    for (const name of this.tslab.dependencies.untyped) {
      if (this.toldUntyped.has(name)) continue;
      this.toldUntyped.add(name);
      console.warn(untypedInWords(name));
    }
  }

  private drop(): void {
    this.current?.close();
    this.current = null;
  }

  /** Asks the converter something; it is dropped if it throws. */
  use<T>(question: (converter: Converter) => T): T {
    try {
      const { bundlesInUse } = this.tslab;
      const answer = question(this.converter);
      if (bundlesInUse === this.tslab.bundlesInUse) return answer;
      this.drop();
      return question(this.converter);
    } catch (error) {
      this.drop();
      throw new Error(`the TypeScript converter failed on this cell: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** What is missing at the end of a cell is missing there, not in the line of exports after it. */
function withinCell(diagnostics: readonly Diagnostic[], source: string): Diagnostic[] {
  const lines = source.trimEnd().split("\n");
  const end = { offset: source.trimEnd().length, line: lines.length - 1, character: lines.at(-1)!.length };
  const found = new Map<string, Diagnostic>();
  for (const each of diagnostics) {
    const isBeyond = !each.fileName && each.start.line > end.line;
    const placed = inShort(isBeyond ? { ...each, start: end, end } : each, lines);
    // Of what is declared twice the line of exports names one.
    if (!isBeyond || !diagnostics.some((other) => other !== each && other.messageText === each.messageText))
      found.set(`${placed.start.offset} ${placed.code} ${placed.messageText}`, placed);
  }
  return [...found.values()];
}

/** A module by the cell's own name for it, not by its file's path: `'tf'` for `typeof import("/home/…/index")`. */
function inShort(each: Diagnostic, lines: readonly string[]): Diagnostic {
  const { messageText, fileName, start } = each;
  const before = fileName === undefined ? (lines[start.line] ?? "").slice(0, start.character) : "";
  const name = /([\w$]+)\s*\.\s*$/.exec(before)?.[1];
  if (name === undefined) return each;
  return { ...each, messageText: messageText.replace(/on type 'typeof import\("[^"]*"\)'/, `on '${name}'`) };
}

function untypedInWords(name: string): string {
  const [, scope, plain] = /^(?:@([^/]+)\/)?([^/]+)/.exec(name) ?? [];
  const types = scope ? `${scope}__${plain}` : plain;
  return (
    `"${name}" has no types: all of it is \`any\`, unchecked. If somebody wrote them: npm install --save-dev ` +
    `@types/${types}. Else a .d.ts file beside the notebook may declare them: declare module "${name}" { … }`
  );
}

/**
 * A cell's text with the word `export` before its declarations and lists of exports blanked out, place for place: every
 * name of a cell is seen by later cells anyway, and tslab exports it once more. Another name in a list becomes one more
 * variable.
 */
function withoutExport(ts: typeof tsTypes, source: string, kind: tsTypes.ScriptKind): string {
  if (!/\bexport\b/.test(source)) return source;
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.ES2022, false, kind);
  let text = source,
    added = "";
  const blank = (start: number, end: number): void => {
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, " ") + text.slice(end);
  };
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier && statement.exportClause) {
      if (!ts.isNamedExports(statement.exportClause)) continue;
      for (const { propertyName, name } of statement.exportClause.elements)
        if (propertyName && name.text !== "default") added += `\nconst ${ADDED}${name.text} = ${propertyName.text};`;
      blank(statement.getStart(file), statement.end);
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (modifiers.some(({ kind: each }) => each === ts.SyntaxKind.DefaultKeyword)) continue;
    for (const modifier of modifiers)
      if (modifier.kind === ts.SyntaxKind.ExportKeyword) blank(modifier.getStart(file), modifier.end);
  }
  return text + added;
}
