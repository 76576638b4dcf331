// Everything of TypeScript that the kernel uses though it is not documented. A new version is tried against this file.
import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;
type Node = tsTypes.Node;

/** Functions and objects that TypeScript's one file exports without declaring them. */
export interface Internals {
  /** Names of libraries, as in `lib`, and their files. */
  libMap: ReadonlyMap<string, string>;
  createModeAwareCache(): ModeAwareCache;
  /** Finds what a file declares. */
  bindSourceFile(file: tsTypes.SourceFile, options: tsTypes.CompilerOptions): void;
  Completions: { getCompletionsAtPosition(...all: unknown[]): unknown };
  findPrecedingToken(position: number, file: tsTypes.SourceFile): Node | undefined;
  findNextToken(previous: Node, parent: Node, file: tsTypes.SourceFile): Node | undefined;
  getTouchingPropertyName(file: tsTypes.SourceFile, position: number): Node;
  getContainerNode(node: Node): Node | undefined;
  isLabelName(node: Node): boolean;
  isTagName(node: Node): boolean;
  isInComment(file: tsTypes.SourceFile, position: number): unknown;
  getContainingObjectLiteralElement(
    node: Node,
  ): (tsTypes.ObjectLiteralElement & { parent: tsTypes.ObjectLiteralExpression }) | undefined;
  getPropertySymbolsFromContextualType(
    element: Node,
    checker: tsTypes.TypeChecker,
    type: tsTypes.Type,
    unionSymbolOk: boolean,
  ): readonly tsTypes.Symbol[];
  typeToDisplayParts(checker: tsTypes.TypeChecker, type: tsTypes.Type, container?: Node): tsTypes.SymbolDisplayPart[];
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: tsTypes.TypeChecker,
      symbol: tsTypes.Symbol,
      file: tsTypes.SourceFile,
      container: Node | undefined,
      node: Node,
    ): Pick<tsTypes.QuickInfo, "displayParts" | "documentation" | "tags"> & { symbolKind: tsTypes.ScriptElementKind };
    getSymbolModifiers(checker: tsTypes.TypeChecker, symbol: tsTypes.Symbol): string;
  };
}

export const internals = (ts: TypeScript): Internals => ts as unknown as Internals;

/** What a file declares, by name; undefined before it was bound. `Map`, though declared as less. */
export function localsOf(file: tsTypes.SourceFile): Map<string, unknown> | undefined {
  return (file as unknown as { locals?: Map<string, unknown> }).locals;
}

/** What is wrong with a file's syntax alone. */
export function syntaxErrors(file: tsTypes.SourceFile): readonly tsTypes.Diagnostic[] {
  return (file as unknown as { parseDiagnostics: tsTypes.Diagnostic[] }).parseDiagnostics;
}

interface ModeAwareCache {
  set(name: string, mode: tsTypes.ResolutionMode, resolution: Resolved): unknown;
  forEach(visit: (resolution: Resolved, name: string) => void): void;
}

type Resolved = tsTypes.ResolvedModuleWithFailedLookupLocations;

/** What the program knows of a file it was not made with, and what it keeps by the file's `path`. */
interface Joining {
  path: string;
  resolvedPath: string;
  originalFileName: string;
  imports: readonly tsTypes.StringLiteralLike[];
  moduleAugmentations: readonly [];
  ambientModuleNames: readonly [];
}

const modulesOf = (program: tsTypes.Program): Map<string, ModeAwareCache> | undefined =>
  (program as { resolvedModules?: Map<string, ModeAwareCache> }).resolvedModules;

const pathOf = (file: tsTypes.SourceFile): string => (file as unknown as Joining).path;

/**
 * Makes a file a part of a program that was made without it, as far as its checker and its emitter ask. Its path is
 * its own, because results are kept by path. False if the program has no place for its imports.
 */
export function addToProgram(
  ts: TypeScript,
  program: tsTypes.Program,
  file: tsTypes.SourceFile,
  number: number,
  imports: readonly tsTypes.StringLiteralLike[],
  resolutions: readonly Resolved[],
): boolean {
  const path = file.fileName.replace(/(\.d)?\.ts$/, `${number}$&`);
  const parts: Joining = {
    path,
    resolvedPath: path,
    originalFileName: file.fileName,
    imports,
    moduleAugmentations: [],
    ambientModuleNames: [],
  };
  Object.assign(file, parts);
  const modules = modulesOf(program);
  if (imports.length === 0) return true;
  if (!modules) return false;
  const cache = internals(ts).createModeAwareCache();
  const options = program.getCompilerOptions();
  imports.forEach((name, i) => cache.set(name.text, ts.getModeForUsageLocation(file, name, options), resolutions[i]));
  modules.set(parts.path, cache);
  return true;
}

/** Forgets what a file that joined a program imports. */
export function removeFromProgram(program: tsTypes.Program, file: tsTypes.SourceFile): void {
  modulesOf(program)?.delete(pathOf(file));
}

/** The modules that a file imports by name, and the files that these were found to be. */
export function resolutionsOf(program: tsTypes.Program, file: tsTypes.SourceFile): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  modulesOf(program)
    ?.get(pathOf(file))
    ?.forEach(({ resolvedModule }, name) => found.set(name, resolvedModule?.resolvedFileName));
  return found;
}

/** The files that a file's imports were found to mean. */
export function importsOf(program: tsTypes.Program, file: tsTypes.SourceFile): string[] {
  return [...resolutionsOf(program, file).values()].filter((name) => name !== undefined);
}

/** Of all that, by name, what a version of TypeScript lacks. */
export function lacking(ts: TypeScript): string[] {
  const has = ts as unknown as Record<string, unknown>;
  const missing = FUNCTIONS.filter((name) => typeof has[name] !== "function") as string[];
  for (const [name, inner] of Object.entries(OBJECTS)) {
    const object = has[name] as Record<string, unknown> | undefined;
    if (object === undefined) missing.push(name);
    else missing.push(...inner.filter((each) => typeof object[each] !== "function").map((each) => `${name}.${each}`));
  }
  if (typeof has.createSourceFile !== "function") return missing;
  const host = ts.createCompilerHost({});
  const text = 'import { a } from "./other"; const b = a; const c = ;';
  const file = ts.createSourceFile("/cell.ts", text, ts.ScriptTarget.ES2022, true);
  if (syntaxErrors(file)?.length !== 1) missing.push("SourceFile.parseDiagnostics");
  if (typeof has.bindSourceFile === "function") internals(ts).bindSourceFile(file, {});
  if (!(localsOf(file) instanceof Map) || !localsOf(file)!.has("b")) missing.push("SourceFile.locals");
  const other = ts.createSourceFile("/other.ts", "export const a = 1;", ts.ScriptTarget.ES2022, true);
  const files = new Map([file, other].map((each) => [each.fileName, each]));
  const program = ts.createProgram(
    ["/cell.ts"],
    { noLib: true, types: [] },
    { ...host, fileExists: (name) => files.has(name), getSourceFile: (name) => files.get(name) },
  );
  if (importsOf(program, program.getSourceFile("/cell.ts")!).join() !== "/other.ts")
    missing.push("Program.resolvedModules");
  else if (!missing.includes("createModeAwareCache") && !isJoined(ts, program))
    missing.push("Program's checking and emitting of a file that joins it");
  return missing;
}

/** Can a file join a program, be checked and be written down? */
function isJoined(ts: TypeScript, program: tsTypes.Program): boolean {
  const text = 'import { a } from "./other"; export const sum = a + 1; const wrong: typeof a = 2;';
  const file = ts.createSourceFile("/later.ts", text, ts.ScriptTarget.ES2022, true);
  internals(ts).bindSourceFile(file, program.getCompilerOptions());
  const [name] = file.statements.filter(ts.isImportDeclaration).map((each) => each.moduleSpecifier);
  const resolvedModule = { resolvedFileName: "/other.ts", extension: ".ts", isExternalLibraryImport: false };
  const found = { resolvedModule, failedLookupLocations: [] };
  if (!addToProgram(ts, program, file, 1, [name as tsTypes.StringLiteral], [found])) return false;
  const told = program.getSemanticDiagnostics(file).map(({ code }) => code);
  let output = "";
  program.emit(file, (_name, written) => (output += written));
  return told.join() === "2322" && output.includes("a + 1");
}

const FUNCTIONS = [
  "createModeAwareCache",
  "bindSourceFile",
  "findPrecedingToken",
  "findNextToken",
  "getTouchingPropertyName",
  "getContainerNode",
  "isLabelName",
  "isTagName",
  "isInComment",
  "getContainingObjectLiteralElement",
  "getPropertySymbolsFromContextualType",
  "typeToDisplayParts",
] as const satisfies readonly (keyof Internals)[];

/** And what is called of it. */
const OBJECTS: Record<Exclude<keyof Internals, (typeof FUNCTIONS)[number]>, readonly string[]> = {
  libMap: ["get"],
  Completions: ["getCompletionsAtPosition"],
  SymbolDisplay: ["getSymbolDisplayPartsDocumentationAndSymbolKind", "getSymbolModifiers"],
};
