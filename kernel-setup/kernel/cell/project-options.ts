import { readdirSync } from "fs";
import * as path from "path";
import type * as tsTypes from "typescript";
import { MISSING, versionOf } from "./watched-files";

type TypeScript = typeof tsTypes;
type Options = tsTypes.CompilerOptions;

/** What a cell is compiled with, as far as the student's project decides it. */
export interface ProjectOptions {
  /** The tsconfig.json these come from, the nearest one from the notebook's folder upwards. */
  file?: string;
  /** The files these were read from: it, what it extends, and places nearer by where there is none. */
  files: { file: string; version: string }[];
  options: Options;
  /** Declaration files that belong to the project without being imported. */
  ambient: string[];
  /** Folders in which another one may come to exist. */
  folders: string[];
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

/**
 * Without a tsconfig.json cells are checked strictly, and the declaration files beside the notebook are read; with one,
 * those among its files.
 */
export function projectOptions(ts: TypeScript, folder: string): ProjectOptions {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  const beside = {
    ambient: ambientFiles(ts, ts.sys.readDirectory(folder, DECLARATIONS, [], ["*"])),
    folders: [folder],
  };
  // One that comes to exist nearer by counts from then on.
  const files: ProjectOptions["files"] = placesBefore(folder, file).map((each) => ({ file: each, version: MISSING }));
  if (!file) return { files, options: { strict: true }, ...beside };
  const readFile = (name: string): string | undefined => {
    files.push({ file: name, version: versionOf(name) });
    return ts.sys.readFile(name);
  };
  const { config, error } = ts.readConfigFile(file, readFile) as { config?: object; error?: tsTypes.Diagnostic };
  if (error) {
    const problem = ts.flattenDiagnosticMessageText(error.messageText, " ");
    return { file, files, options: { strict: true }, ...beside, problem };
  }
  // Of the project's files only those are wanted that declare something for all others.
  const readDirectory: typeof ts.sys.readDirectory = (root, _endings, ...rest) =>
    ts.sys.readDirectory(root, DECLARATIONS, ...rest);
  const host = { useCaseSensitiveFileNames: true, fileExists: ts.sys.fileExists, readFile, readDirectory };
  const parsed = ts.parseJsonConfigFileContent(config, host, path.dirname(file), undefined, file);
  const problem = parsed.errors.find(
    ({ code, category }) => category === ts.DiagnosticCategory.Error && !HARMLESS.has(code),
  );
  const options: Options = { ...parsed.options };
  const { paths, baseUrl, pathsBasePath } = options as Options & { pathsBasePath?: string };
  for (const name of NOT_FOR_CELLS) delete options[name];
  if (paths) Object.assign(options, { paths, pathsBasePath });
  if (baseUrl) options.baseUrl = baseUrl;
  if (options.strict === undefined) options.strict = true;
  const ambient = ambientFiles(ts, parsed.fileNames);
  return {
    file,
    files,
    options,
    ambient,
    folders: [
      ...new Set([...Object.keys(parsed.wildcardDirectories ?? {}), ...ambient.map((each) => path.dirname(each))]),
    ],
    problem: problem && ts.flattenDiagnosticMessageText(problem.messageText, " "),
  };
}

/** Whether declaration files came to exist, or went. */
export class AmbientFolders {
  private readonly versions: Map<string, { date: string; declarations: string }>;

  constructor({ folders }: ProjectOptions) {
    this.versions = new Map(
      folders.map((each) => [each, { date: versionOf(each), declarations: declarationsIn(each) }]),
    );
  }

  changed(): boolean {
    for (const [folder, seen] of this.versions) {
      const date = versionOf(folder);
      if (date === seen.date) continue;
      // Other files come and go beside a notebook.
      seen.date = date;
      if (declarationsIn(folder) !== seen.declarations) return true;
    }
    return false;
  }
}

function declarationsIn(folder: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => DECLARATIONS.some((ending) => name.endsWith(ending)))
      .join();
  } catch {
    return "";
  }
}

/** Where a tsconfig.json was looked for before it was found. */
function placesBefore(folder: string, found: string | undefined): string[] {
  const place = path.join(folder, "tsconfig.json");
  if (found && path.normalize(found) === place) return [];
  const above = path.dirname(folder);
  return [place, ...(above === folder ? [] : placesBefore(above, found))];
}

const DECLARATIONS = [".d.ts", ".d.mts", ".d.cts"];

/** Those that declare something without being imported. */
function ambientFiles(ts: TypeScript, files: readonly string[]): string[] {
  return files.filter((file) => {
    if (!DECLARATIONS.some((ending) => file.endsWith(ending))) return false;
    const text = ts.sys.readFile(file) ?? "";
    return !/^(import|export)\b/m.test(text) || /^declare (module ["']|global\b)/m.test(text);
  });
}

/** "No inputs were found", "The files list is empty", and values that a TypeScript newer than ours knows. */
const HARMLESS = new Set([18002, 18003, 5023, 6046]);
