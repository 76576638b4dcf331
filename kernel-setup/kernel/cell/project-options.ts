import * as path from "path";
import type * as tsTypes from "typescript";
import { versionOf } from "./watched-files";

type TypeScript = typeof tsTypes;
type Options = tsTypes.CompilerOptions;

/** What a cell is compiled with, as far as the student's project decides it. */
export interface ProjectOptions {
  /** The tsconfig.json these come from, the nearest one from the notebook's folder upwards. */
  file?: string;
  /** The files these were read from: it, and what it extends. */
  files: { file: string; version: string }[];
  options: Options;
  /** Why the file could not be used, if so. */
  problem?: string;
}

/**
 * Settings a notebook must decide for itself: how cells are emitted, where files go, and those that have no meaning
 * where every name may be used by a later cell.
 */
const NOT_FOR_CELLS = [
  "module",
  "moduleResolution",
  "moduleDetection",
  "outDir",
  "outFile",
  "rootDir",
  "rootDirs",
  "declaration",
  "declarationDir",
  "declarationMap",
  "emitDeclarationOnly",
  "sourceMap",
  "inlineSourceMap",
  "inlineSources",
  "sourceRoot",
  "mapRoot",
  "noEmit",
  "noEmitOnError",
  "noEmitHelpers",
  "importHelpers",
  "composite",
  "incremental",
  "tsBuildInfoFile",
  "isolatedModules",
  "verbatimModuleSyntax",
  "importsNotUsedAsValues",
  "preserveValueImports",
  "noUnusedLocals",
  "noUnusedParameters",
  "types",
  "typeRoots",
  "allowJs",
  "checkJs",
  "removeComments",
  "stripInternal",
  "newLine",
  "noLib",
  "noResolve",
  "configFilePath",
  "customConditions",
  "resolvePackageJsonExports",
  "resolvePackageJsonImports",
  "paths",
  "baseUrl",
  "pathsBasePath",
  "allowImportingTsExtensions",
  "skipLibCheck",
  "skipDefaultLibCheck",
  "disableTopLevelAwait",
  "noImplicitUseStrict",
  "alwaysStrict",
  "plugins",
];

/** Without a tsconfig.json cells are checked strictly. */
export function projectOptions(ts: TypeScript, folder: string): ProjectOptions {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  if (!file) return { files: [], options: { strict: true } };
  const files: ProjectOptions["files"] = [];
  const readFile = (name: string): string | undefined => {
    files.push({ file: name, version: versionOf(name) });
    return ts.sys.readFile(name);
  };
  const { config, error } = ts.readConfigFile(file, readFile) as { config?: object; error?: tsTypes.Diagnostic };
  if (error)
    return { file, files, options: { strict: true }, problem: ts.flattenDiagnosticMessageText(error.messageText, " ") };
  // Only the options are wanted: an empty list of files keeps the parser from walking the whole project.
  const host = { useCaseSensitiveFileNames: true, fileExists: ts.sys.fileExists, readFile, readDirectory: () => [] };
  const parsed = ts.parseJsonConfigFileContent(
    { ...config, files: [], include: [] },
    host,
    path.dirname(file),
    undefined,
    file,
  );
  const problem = parsed.errors.find(
    ({ code, category }) => category === ts.DiagnosticCategory.Error && !HARMLESS.has(code),
  );
  const options: Options = { ...parsed.options };
  const { paths, baseUrl, pathsBasePath } = options as Options & { pathsBasePath?: string };
  for (const name of NOT_FOR_CELLS) delete options[name];
  if (paths) Object.assign(options, { paths, pathsBasePath });
  if (baseUrl) options.baseUrl = baseUrl;
  if (options.strict === undefined) options.strict = true;
  return { file, files, options, problem: problem && ts.flattenDiagnosticMessageText(problem.messageText, " ") };
}

/** "No inputs were found", "The files list is empty", and values that a TypeScript newer than ours knows. */
const HARMLESS = new Set([18002, 18003, 5023, 6046]);
