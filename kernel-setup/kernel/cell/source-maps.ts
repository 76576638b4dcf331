import { SourceMap, type SourceMapPayload } from "module";
import type * as tsTypes from "typescript";
import { moduleSyntax } from "./module-syntax";

type TypeScript = typeof tsTypes;

/** A place in a cell or file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

const INLINE = /\n?\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/;
/** Its line stays, for the map. */
const USE_STRICT = /^"use strict";/;
const EMPTY: SourceMapPayload = {
  file: "",
  version: 3,
  sources: [],
  sourcesContent: [],
  names: [],
  mappings: "",
  sourceRoot: "",
};

/**
 * tslab compiles in two steps, TypeScript → ES module → CommonJS. This keeps the map of each and goes back through
 * both.
 */
export class CellMaps {
  private readonly byOutput = new Map<string, LazyMap[]>();
  private readonly byFile = new Map<string, { maps: LazyMap[]; addedLines: number }>();
  experimentalDecorators = true;

  constructor(private readonly ts: TypeScript) {}

  /** Compiles one of the student's files, by itself, into a CommonJS module. */
  compileFile(file: string, text: string): string {
    const { ts } = this;
    const out = ts.transpileModule(text, {
      fileName: file,
      transformers: { before: [moduleSyntax(ts)] },
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
        experimentalDecorators: this.experimentalDecorators,
        jsx: ts.JsxEmit.React,
        sourceMap: true,
        newLine: ts.NewLineKind.LineFeed,
      },
    });
    this.byFile.set(file, { maps: [parse(out.sourceMapText)], addedLines: 0 });
    return withoutMap(out.outputText);
  }

  /** Forgets what was compiled and never run. */
  begin(): void {
    this.byOutput.clear();
  }

  /** Stands in for `ts.transpileModule`, tslab's second step. */
  transpile(input: string, options: tsTypes.TranspileOptions): tsTypes.TranspileOutput {
    const inline = INLINE.exec(input);
    const code = inline ? input.slice(0, inline.index) + "\n" : input;
    const out = this.ts.transpileModule(code, {
      ...options,
      transformers: { before: [moduleSyntax(this.ts)] },
      compilerOptions: { ...options.compilerOptions, sourceMap: true },
    });
    const outputText = withoutMap(out.outputText)
      .replace(USE_STRICT, "")
      .replace(/^Object\.defineProperty\(exports, /gm, "require.define(exports, ");
    const first = inline ? Buffer.from(inline[1], "base64").toString("utf8") : null;
    this.byOutput.set(outputText, [parse(out.sourceMapText), parse(first)]);
    return { ...out, outputText };
  }

  /**
   * Says that a compiled text runs under this file name. `addedLines`: what tslab put before the source, 1 for a cell.
   */
  register(file: string, output: string, addedLines: number): void {
    const maps = this.byOutput.get(output);
    if (maps) this.byFile.set(file, { maps, addedLines });
  }

  has(file: string): boolean {
    return this.byFile.has(file);
  }

  /** Where a place in a compiled text came from. */
  original(file: string, line: number, column: number): Place | undefined {
    const entry = this.byFile.get(file);
    if (!entry) return undefined;
    let place: Place = { line: line - 1, column: column - 1 };
    for (const map of entry.maps) {
      const found = map().findEntry(place.line, place.column) as Partial<{
        originalLine: number;
        originalColumn: number;
      }>;
      if (found.originalLine === undefined || found.originalColumn === undefined) return undefined;
      place = { line: found.originalLine, column: found.originalColumn };
    }
    return { line: place.line + 1 - entry.addedLines, column: place.column + 1 };
  }
}

const withoutMap = (text: string): string => text.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n");

type LazyMap = () => SourceMap;

/** Parsed when somebody asks for a place: few cells throw. */
function parse(json: string | null | undefined): LazyMap {
  let parsed: SourceMap | undefined;
  return () => (parsed ??= new SourceMap(json ? (JSON.parse(json) as SourceMapPayload) : EMPTY));
}
