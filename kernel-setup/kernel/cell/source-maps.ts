// Where in a cell compiled code comes from, for stacks and messages.
import { SourceMap, type SourceMapPayload } from "module";
import type * as tsTypes from "typescript";
import { home } from "../shared/home";

type TypeScript = typeof tsTypes;

/** A place in a cell or file, counted from 1. */
interface Place {
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

/** Keeps the map of each compiled text. */
export class CellMaps {
  private readonly byOutput = new Map<string, LazyMap>();
  private readonly byFile = new Map<string, { map: LazyMap; addedLines: number; text?: string }>();
  /** What the project says of the language. */
  syntax: tsTypes.CompilerOptions = {};

  constructor(private readonly ts: TypeScript) {}

  /** Compiles one of the student's files, by itself, into a CommonJS module. */
  compileFile(file: string, text: string): string {
    const { ts } = this;
    const out = ts.transpileModule(text, {
      // By its real name TypeScript would leave an ES module one.
      fileName: file.replace(/\.[cm](?=[jt]s$)/, "."),
      transformers: { before: [moduleSyntax(ts)] },
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2024,
        esModuleInterop: true,
        ...this.syntax,
        sourceMap: true,
        newLine: ts.NewLineKind.LineFeed,
      },
    });
    this.byFile.set(file, { map: parse(out.sourceMapText), addedLines: 0, text });
    return withoutMap(out.outputText);
  }

  /** Forgets what was compiled and never run. */
  begin(): void {
    this.byOutput.clear();
  }

  /** What the compiler wrote, as it runs, without its map, which is kept. */
  commonJs(input: string): string {
    const inline = INLINE.exec(input);
    const outputText = (inline ? `${input.slice(0, inline.index)}\n` : input)
      .replace(USE_STRICT, "")
      .replace(/^Object\.defineProperty\(exports, /gm, "require.define(exports, ");
    this.byOutput.set(outputText, parse(inline && Buffer.from(inline[1], "base64").toString("utf8")));
    return outputText;
  }

  /**
   * Says that a compiled text runs under this file name. `addedLines`: what tslab put before the source, 1 for a cell.
   */
  register(file: string, output: string, addedLines: number): void {
    const map = this.byOutput.get(output);
    if (map) this.byFile.set(file, { map, addedLines });
  }

  /** What one of the student's files said when it was compiled. */
  textOf(file: string): string | undefined {
    return this.byFile.get(file)?.text;
  }

  /** How the text that runs under this name was compiled, for the debugger. */
  compilation(file: string): { maps: SourceMapPayload[]; addedLines: number } | undefined {
    const entry = this.byFile.get(file);
    return entry && { maps: [entry.map().payload], addedLines: entry.addedLines };
  }

  /** The names under which what was compiled here runs. */
  files(): string[] {
    return [...this.byFile.keys()];
  }

  has(file: string): boolean {
    return this.byFile.has(file);
  }

  /** Where a place in a compiled text came from. */
  original(file: string, line: number, column: number): Place | undefined {
    const entry = this.byFile.get(file);
    if (!entry) return undefined;
    const found = entry.map().findEntry(line - 1, column - 1) as Partial<{
      originalLine: number;
      originalColumn: number;
    }>;
    if (found.originalLine === undefined || found.originalColumn === undefined) return undefined;
    return { line: found.originalLine + 1 - entry.addedLines, column: found.originalColumn + 1 };
  }
}

const withoutMap = (text: string): string => text.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n");

type LazyMap = () => SourceMap;

/** Parsed when somebody asks for a place: few cells throw. */
function parse(json: string | null | undefined): LazyMap {
  let parsed: SourceMap | undefined;
  return () => (parsed ??= new SourceMap(json ? (JSON.parse(json) as SourceMapPayload) : EMPTY));
}

type Node = tsTypes.Node;

/**
 * `import(…)` and `import.meta` exist in ES modules only, and cells run as something else: they become calls of what
 * the kernel's `require` offers.
 */
export function moduleSyntax(ts: TypeScript): tsTypes.TransformerFactory<tsTypes.SourceFile> {
  return (context) => (file) => {
    const { factory } = ts;
    const member = (name: string, place: Node): tsTypes.Expression =>
      ts.setTextRange(factory.createPropertyAccessExpression(factory.createIdentifier("require"), name), place);
    const visit = (node: Node): Node => {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const [name] = node.arguments;
        return ts.setTextRange(
          factory.createCallExpression(member("import", node), undefined, [
            ts.visitNode(name, visit) as tsTypes.Expression,
          ]),
          node,
        );
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return member("meta", node);
      return ts.visitEachChild(node, visit, context);
    };
    return ts.visitEachChild(file, visit, context);
  };
}

/** A place in the student's own code. */
interface StudentPlace extends Place {
  file: string;
}

/** As many as a traceback looks through. */
const STACK_FRAMES = 100;

const isMachinery = (file: string): boolean => file.startsWith("node:") || file.startsWith(home.machinery);

/**
 * From now on every `error.stack` names the lines the student wrote, and leaves out Node's and the kernel's frames.
 * Done through V8's hook, so that `console.error(error)` inside a cell is right as well.
 */
export function installStackTraces(maps: CellMaps): void {
  // V8 keeps ten, and a library's own may be more than that.
  Error.stackTraceLimit = STACK_FRAMES;
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames
      .filter((frame) => !isMachinery(frame.getFileName() ?? "node:"))
      .map((frame) => `    at ${describe(frame, maps)}`);
    return [heading(error), ...lines].join("\n");
  };
}

function describe(frame: NodeJS.CallSite, maps: CellMaps): string {
  // What cells declare lives on a proxy, which V8 takes for the receiver's class.
  const text = String(frame).replace(/^(async )?Proxy\./, "$1");
  const file = frame.getFileName();
  const line = frame.getLineNumber(),
    column = frame.getColumnNumber();
  if (!file || line === null || column === null || !maps.has(file)) return text;
  const place = maps.original(file, line, column);
  const where = place ? `${file}:${place.line}:${place.column}` : file;
  return text.replace(`${file}:${line}:${column}`, where);
}

function heading(error: Error): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}

/** The first frame of a stack that lies in a text the student wrote: in a cell, or in a file of theirs. */
export function firstPlace(stack: string, isTheirs: (file: string) => boolean): StudentPlace | undefined {
  for (const [, text] of stack.matchAll(/^ {4}at (.+)$/gm)) {
    const found = /(?:^|\(| )(In \[[^\]]+\]|(?:\/|[A-Za-z]:\\)[^()]*):(\d+):(\d+)\)?$/.exec(text);
    if (found && isTheirs(found[1])) return { file: found[1], line: Number(found[2]), column: Number(found[3]) };
  }
  return undefined;
}
