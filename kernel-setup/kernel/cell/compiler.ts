// From a cell's TypeScript to JavaScript that can run.
import * as path from "path";
import type * as tsTypes from "typescript";
import { declaredNames, withExports } from "./cell-variables";
import { CompileError } from "./errors";
import { reunite, setTypesAside } from "./superseded-types";
import type { Converter, ConvertResult, Tslab } from "./tslab";

/** Lines that tslab puts before a cell's source. */
export const ADDED_LINES = 1;

/** A cell, compiled. */
export interface CompiledCell extends ConvertResult {
  output: string;
  declOutput: string;
  /** The cell declares a module instead of running. */
  module?: { file: string; text: string };
}

/** tslab's converter, made again after it broke: it throws on some input and is then left half-way. */
export class Compiler {
  private current: Converter | null = null;
  private last = "";
  private toldProblem?: string;

  constructor(readonly tslab: Tslab) {
    this.warm();
  }

  /** The first program takes most of a second; later ones reuse it. */
  private warm(): void {
    this.converter.convert("", "0");
  }

  private get converter(): Converter {
    return (this.current ??= this.tslab.createConverter());
  }

  /** @throws CompileError with the compiler's diagnostics */
  compile(declarations: string, source: string, cell: string): CompiledCell {
    this.lookAround();
    this.tslab.maps.begin();
    const { module } = this.tslab.getCodeMetadata(source);
    if (module) {
      const diagnostics = this.use((converter) => converter.addModule(module, source));
      if (diagnostics.length > 0) throw new CompileError(diagnostics, cell);
      return {
        output: "",
        declOutput: declarations,
        diagnostics: [],
        module: { file: path.join(this.tslab.folder, `${module}.ts`).replace(/\\/g, "/"), text: source },
      };
    }
    const { ts } = this.tslab;
    const text = withoutExport(ts, source);
    const names = declaredNames(ts, text);
    const exporting = withExports(text, names);
    // A cell that is run twice in a row would be the compiler's same file, to which onlyOnce was done already.
    this.last = names.size > 0 && exporting === this.last ? exporting.replace(/\}$/, " }") : exporting;
    const result = this.use((converter) => converter.convert(setTypesAside(ts, declarations, names), this.last));
    const faults = [...result.diagnostics, ...this.tslab.dependencies.faults];
    if (faults.length > 0) throw new CompileError(faults, cell);
    return {
      ...result,
      output: result.output ?? "",
      declOutput: reunite(ts, result.declOutput ?? ""),
      hasToplevelAwait: awaitsAtTopLevel(this.tslab.ts, source),
    };
  }

  private lookAround(): void {
    if (this.tslab.lookAround()) this.drop();
    const { problem } = this.tslab;
    if (problem && problem !== this.toldProblem)
      console.error(`${problem}\nCells are compiled as far as it could be read.`);
    this.toldProblem = problem;
  }

  private drop(): void {
    this.current?.close();
    this.current = null;
  }

  /** Asks the converter something; it is dropped if it throws. */
  use<T>(question: (converter: Converter) => T): T {
    try {
      const { active } = this.tslab.tensorflow;
      const answer = question(this.converter);
      if (active === this.tslab.tensorflow.active) return answer;
      this.drop();
      return question(this.converter);
    } catch (error) {
      this.drop();
      throw new Error(`the TypeScript converter failed on this cell: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Must the cell run inside an async function? */
function awaitsAtTopLevel(ts: typeof tsTypes, source: string): boolean {
  if (!/\bawait\b/.test(source)) return false;
  const file = ts.createSourceFile("cell.ts", `export {};\n${source}`, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  const visit = (node: tsTypes.Node): boolean => {
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return true;
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node)) return false;
    return ts.forEachChild(node, visit) ?? false;
  };
  return visit(file);
}

/**
 * A cell's text with the word `export` before its declarations blanked out, place for place: every name of a cell is
 * seen by later cells anyway, and tslab exports it once more.
 */
function withoutExport(ts: typeof tsTypes, source: string): string {
  if (!/\bexport\b/.test(source)) return source;
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  let text = source;
  for (const statement of file.statements) {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) continue;
    for (const modifier of modifiers) {
      if (modifier.kind !== ts.SyntaxKind.ExportKeyword) continue;
      const start = modifier.getStart(file);
      text = text.slice(0, start) + " ".repeat(modifier.end - start) + text.slice(modifier.end);
    }
  }
  return text;
}
