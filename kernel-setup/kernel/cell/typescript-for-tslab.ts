import type * as tsTypes from "typescript";
import { quickInfoAt } from "./quick-info";

type TypeScript = typeof tsTypes;
type Host = { directoryExists?(folder: string): boolean };

/** What tslab's converter calls and only its own build of TypeScript has, or what has another signature there. */
export interface TslabAdditions {
  getPreEmitDiagnosticsOfFiles(program: tsTypes.Program, files: readonly tsTypes.SourceFile[]): tsTypes.Diagnostic[];
  getNullTransformationContext(): tsTypes.TransformationContext;
  getQuickInfoAtPosition(
    file: tsTypes.SourceFile,
    checker: tsTypes.TypeChecker,
    token: tsTypes.CancellationToken,
    position: number,
  ): tsTypes.QuickInfo | undefined;
  getDefaultTypeRoots(folder: string, host: Host): string[] | undefined;
  Completions: object;
}

/** TypeScript's internal functions that the additions are made of; its one file exports them undocumented. */
interface Internals {
  nullTransformationContext: tsTypes.TransformationContext;
  Completions: { getCompletionsAtPosition(...all: unknown[]): unknown };
}

/**
 * tslab brings a TypeScript 5.0 of its own, to which it added a few functions. They are made here of what every
 * TypeScript has, so that cells are compiled by the project's own.
 */
export function tslabAdditions(ts: TypeScript): TslabAdditions {
  const { nullTransformationContext, Completions } = ts as unknown as Internals;
  return {
    getNullTransformationContext: () => nullTransformationContext,
    getPreEmitDiagnosticsOfFiles: (program, files) => {
      const all = [
        ...program.getConfigFileParsingDiagnostics(),
        ...program.getOptionsDiagnostics(),
        ...program.getGlobalDiagnostics(),
      ];
      for (const file of files)
        all.push(
          ...program.getSyntacticDiagnostics(file),
          ...program.getSemanticDiagnostics(file),
          ...program.getDeclarationDiagnostics(file),
        );
      return [...ts.sortAndDeduplicateDiagnostics(all)];
    },
    getQuickInfoAtPosition: (file, checker, token, position) => quickInfoAt(ts, file, checker, token, position),
    getDefaultTypeRoots: (folder, { directoryExists }) => {
      const found: string[] = [];
      for (let each = folder, parent = ""; each !== parent; each = ts.sys.resolvePath(`${(parent = each)}/..`))
        found.push(`${each === "/" ? "" : each}/node_modules/@types`);
      return directoryExists ? found.filter((each) => directoryExists(each)) : found.slice(0, 1);
    },
    // tslab's host is an empty object, with which nothing inside an `import` could be completed.
    Completions: {
      ...Completions,
      getCompletionsAtPositionForTslab: (_host: object, program: tsTypes.Program, ...rest: unknown[]) =>
        Completions.getCompletionsAtPosition(completionHost(ts, program), program, ...rest),
    },
  };
}

function completionHost(ts: TypeScript, program: tsTypes.Program): object {
  return {
    ...ts.sys,
    getCompilationSettings: () => program.getCompilerOptions(),
    getCurrentDirectory: () => program.getCurrentDirectory(),
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    log: () => undefined,
  };
}
