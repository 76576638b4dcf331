import type * as tsTypes from "typescript";
import { onlyOnce, shareVariables } from "./cell-variables";

type TypeScript = typeof tsTypes;
/** Internal: what each file's imports were resolved to. */
type WithResolutions = tsTypes.Program & {
  resolvedModules?: ReadonlyMap<
    string,
    { forEach(visit: (resolution: { resolvedModule?: tsTypes.ResolvedModule }) => void): void }
  >;
};

/**
 * TypeScript's usual builder works out who references whom among all 800 files again after every cell, which takes
 * longer than everything else together. The converter asks it one thing: which source files to check and emit. That is
 * the cell alone; the files it imports are checked by DependencyCheck and compiled when they are loaded.
 */
export function lightBuilder(
  ts: TypeScript,
  cellFile: string,
  onProgram: () => void,
): tsTypes.CreateProgram<tsTypes.BuilderProgram> {
  return (...args: unknown[]) => {
    const builder = (ts.createAbstractBuilder as (...all: unknown[]) => tsTypes.BuilderProgram)(...args);
    onProgram();
    // The converter reads a file's names before anything was checked, counting on the usual builder to have bound them.
    const { bindSourceFile } = ts as unknown as {
      bindSourceFile(file: tsTypes.SourceFile, options: tsTypes.CompilerOptions): void;
    };
    for (const file of builder.getSourceFiles())
      if (!(file as { locals?: unknown }).locals) bindSourceFile(file, builder.getCompilerOptions());
    const cell = builder.getSourceFiles().find(({ fileName }) => fileName.endsWith(`/${cellFile}`));
    if (cell) onlyOnce(cell);
    builder.getAllDependencies = (file) => [file.fileName];
    const emit = builder.emit;
    builder.emit = (file, write, cancellation, onlyDeclarations, transformers) =>
      emit(file, write, cancellation, onlyDeclarations, {
        ...transformers,
        before: [shareVariables(ts, builder.getProgram().getTypeChecker())],
      });
    return builder;
  };
}

/** The file and the TypeScript and JavaScript sources it imports, directly or not; no declaration files. */
export function sourceDependencies(program: tsTypes.Program, file: tsTypes.SourceFile): tsTypes.SourceFile[] {
  const found = new Set<tsTypes.SourceFile>();
  const { resolvedModules } = program as WithResolutions;
  const visit = (each: tsTypes.SourceFile & { path?: string }): void => {
    if (found.has(each)) return;
    found.add(each);
    resolvedModules?.get(each.path!)?.forEach(({ resolvedModule }) => {
      const imported = resolvedModule && program.getSourceFile(resolvedModule.resolvedFileName);
      if (imported && !imported.isDeclarationFile) visit(imported);
    });
  };
  visit(file);
  return [...found];
}
