import type * as tsTypes from "typescript";
import { onlyOnce, shareVariables, type LastExpression } from "./cell-variables";
import { importsOf, internals, localsOf } from "./typescript-internals";

type TypeScript = typeof tsTypes;

/** What the builder tells and asks. */
export interface CellProgram {
  /** A program was made. */
  onProgram(program: tsTypes.Program): void;
  /** The value that a cell ends with, while it is compiled. */
  onLastExpression(last: LastExpression): void;
  /** How a cell's text is read: with JSX or without. */
  readonly scriptKind: tsTypes.ScriptKind;
}

/**
 * TypeScript's usual builder works out who references whom among all 800 files again after every cell, which takes
 * longer than everything else together. The converter asks it one thing: which source files to check and emit. That is
 * the cell alone; the files it imports are checked by DependencyCheck and compiled when they are loaded.
 */
export function lightBuilder(
  ts: TypeScript,
  cellFile: string,
  cells: CellProgram,
): tsTypes.CreateProgram<tsTypes.BuilderProgram> {
  return (...args: unknown[]) => {
    if (cells.scriptKind === ts.ScriptKind.TSX) readAsTsx(ts, args[2] as VersionedHost, cellFile);
    const builder = (ts.createAbstractBuilder as (...all: unknown[]) => tsTypes.BuilderProgram)(...args);
    cells.onProgram(builder.getProgram());
    // The converter reads a file's names before anything was checked, counting on the usual builder to have bound them.
    for (const file of builder.getSourceFiles())
      if (!localsOf(file)) internals(ts).bindSourceFile(file, builder.getCompilerOptions());
    const cell = builder.getSourceFiles().find(({ fileName }) => fileName.endsWith(`/${cellFile}`));
    if (cell) onlyOnce(cell);
    builder.getAllDependencies = (file) => [file.fileName];
    const emit = builder.emit;
    builder.emit = (file, write, cancellation, onlyDeclarations, transformers) =>
      emit(file, write, cancellation, onlyDeclarations, {
        // tslab's own step after it, for names of earlier cells and for the last expression, finds nothing left to do.
        afterDeclarations: transformers?.afterDeclarations,
        before: [shareVariables(ts, builder.getProgram().getTypeChecker(), (last) => cells.onLastExpression(last))],
      });
    return builder;
  };
}

/** The file and the TypeScript and JavaScript sources it imports, directly or not; no declaration files. */
export function sourceDependencies(program: tsTypes.Program, file: tsTypes.SourceFile): tsTypes.SourceFile[] {
  const found = new Set<tsTypes.SourceFile>();
  const visit = (each: tsTypes.SourceFile): void => {
    if (found.has(each)) return;
    found.add(each);
    for (const name of importsOf(program, each)) {
      const imported = program.getSourceFile(name);
      if (imported && !imported.isDeclarationFile) visit(imported);
    }
  };
  visit(file);
  return [...found];
}

type Read = (name: string, ...rest: unknown[]) => (tsTypes.SourceFile & { version?: string }) | undefined;

interface VersionedHost {
  getSourceFile: Read;
  getSourceFileByPath: Read;
  readsTsx?: boolean;
}

/** tslab's name of a cell ends in .ts, whose text cannot have JSX. */
function readAsTsx(ts: TypeScript, host: VersionedHost, cellFile: string): void {
  if (host.readsTsx) return;
  host.readsTsx = true;
  const read = new WeakMap<tsTypes.SourceFile, tsTypes.SourceFile>();
  const wrapped =
    (usual: Read, optionsAt: number): Read =>
    (name, ...rest) => {
      const file = usual(name, ...rest);
      if (!file || !name.endsWith(`/${cellFile}`)) return file;
      const known = read.get(file);
      if (known) return known;
      const options = rest[optionsAt] as tsTypes.CreateSourceFileOptions;
      const tsx = ts.createSourceFile(name, file.text, options, false, ts.ScriptKind.TSX);
      read.set(file, Object.assign(tsx, { version: file.version }));
      return tsx;
    };
  host.getSourceFile = wrapped(host.getSourceFile, 0);
  host.getSourceFileByPath = wrapped(host.getSourceFileByPath, 1);
}
