import type * as tsForTslab from "@tslab/typescript-for-tslab";
import { onlyOnce } from "./cell-names";
import { shareVariables } from "./cell-variables";

type TypeScript = typeof tsForTslab;
type WithResolutions = tsForTslab.SourceFile & {
  resolvedModules?: { forEach(visit: (resolution: { resolvedModule?: tsForTslab.ResolvedModule }) => void): void };
};

/**
 * TypeScript's usual builder works out who references whom among all 800 files again after every cell, which takes
 * longer than everything else together. The converter asks it one thing: which source files to check and emit. That is the
 * cell alone; the files it imports are checked by DependencyCheck and compiled when they are loaded.
 */
export function lightBuilder(ts: TypeScript, cellFile: string): tsForTslab.CreateProgram<tsForTslab.BuilderProgram> {
  return (...args: unknown[]) => {
    const builder = (ts.createAbstractBuilder as (...all: unknown[]) => tsForTslab.BuilderProgram)(...args);
    // The converter reads a file's names before anything was checked, counting on the usual builder to have bound them.
    const { bindSourceFile } = ts as unknown as { bindSourceFile(file: tsForTslab.SourceFile, options: tsForTslab.CompilerOptions): void };
    for (const file of builder.getSourceFiles()) if (!(file as { locals?: unknown }).locals) bindSourceFile(file, builder.getCompilerOptions());
    const cell = builder.getSourceFiles().find(({ fileName }) => fileName.endsWith(`/${cellFile}`));
    if (cell) onlyOnce(cell);
    builder.getAllDependencies = (file) => [file.fileName];
    const emit = builder.emit;
    builder.emit = (file, write, cancellation, onlyDeclarations, transformers) =>
      emit(file, write, cancellation, onlyDeclarations, { ...transformers, before: [shareVariables(ts, builder.getProgram().getTypeChecker())] });
    return builder;
  };
}

/** The file and the TypeScript and JavaScript sources it imports, directly or not; no declaration files. */
export function sourceDependencies(program: tsForTslab.Program, file: tsForTslab.SourceFile): tsForTslab.SourceFile[] {
  const found = new Set<tsForTslab.SourceFile>();
  const visit = (each: WithResolutions): void => {
    if (found.has(each)) return;
    found.add(each);
    each.resolvedModules?.forEach(({ resolvedModule }) => {
      const imported = resolvedModule && program.getSourceFile(resolvedModule.resolvedFileName);
      if (imported && !imported.isDeclarationFile) visit(imported);
    });
  };
  visit(file);
  return [...found];
}
