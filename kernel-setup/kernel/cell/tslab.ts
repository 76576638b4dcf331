// tslab's converter on the project's own TypeScript, and what makes it quick.
import { Module } from "module";
import * as path from "path";
import type * as tslabConverter from "tslab/dist/converter";
import type * as tslabMetadata from "tslab/dist/metadata";
import type * as tsTypes from "typescript";
import { DependencyCheck } from "./dependency-check";
import { lightBuilder } from "./light-builder";
import { projectOptions, type ProjectOptions } from "./project-options";
import { CellMaps } from "./source-maps";
import { TensorflowTypes } from "./tensorflow-types";
import { localFileFinder, resolveModules, type LocalFileFinder } from "./type-resolution";
import { tslabAdditions } from "./typescript-for-tslab";
import { versionOf, WatchedFiles } from "./watched-files";

export type Converter = tslabConverter.Converter;
export type ConvertResult = tslabConverter.ConvertResult;
export type CompletionInfo = tslabConverter.CompletionInfo;
export type Diagnostic = tslabConverter.Diagnostic;
type TypeScript = typeof tsTypes;

/** The project's root, whose packages are the fall-back for cells: kernel-setup/dist/kernel/cell → four up. */
export const kernelRoot = path.resolve(__dirname, "../../../..");

/** The types of what the kernel adds to JavaScript's global functions. */
const cellGlobals = path.join(kernelRoot, "kernel-setup/kernel/cell-globals.d.ts").replace(/\\/g, "/");

/** It changes as a whole, when it is compiled; then this file does. */
const compiledLibrary = path.join(kernelRoot, "lib/dist/.tsbuildinfo").replace(/\\/g, "/");

/** The name tslab gives to the cell being compiled. */
const CELL_FILE = "__tslab__.ts";
/** What tslab puts before a cell's text. */
export const CELL_PREFIX = "export {};\n";

type AnyWatchHost = (...all: unknown[]) => tsTypes.WatchCompilerHostOfFilesAndCompilerOptions<tsTypes.BuilderProgram>;

/**
 * tslab's own modules. Its converter fixes its compiler options; ours differ (the project's settings, source maps,
 * top-level `await` as the language has it, packages found from the kernel too), so it is given a TypeScript module in
 * which some functions are wrapped.
 */
export class Tslab {
  readonly ts: TypeScript;
  readonly maps: CellMaps;
  readonly getCodeMetadata: typeof tslabMetadata.getCodeMetadata;
  /** What is wrong in the files that the cell imports. */
  readonly dependencies: DependencyCheck;
  /** The student's own source file that an import names, if it is not a package. */
  localFile: LocalFileFinder;
  readonly folder: string;
  readonly tensorflow: TensorflowTypes;
  private project: ProjectOptions;
  private readonly watched: WatchedFiles;
  private readonly quick = new QuickSystem();
  private readonly makeConverter: typeof tslabConverter.createConverter;

  constructor() {
    const file = require.resolve("typescript", { paths: [path.dirname(require.resolve("tslab/package.json"))] });
    const ts = (this.ts = require(file) as TypeScript);
    this.folder = ts.sys.getCurrentDirectory();
    this.tensorflow = new TensorflowTypes(ts, kernelRoot);
    this.maps = new CellMaps(ts);
    const additions = tslabAdditions(ts);
    this.watched = new WatchedFiles(ts, compiledLibrary);
    this.dependencies = new DependencyCheck(ts, additions, CELL_FILE, this.folder);
    this.project = projectOptions(ts, this.folder);
    this.localFile = localFileFinder(ts, this.folder, this.project.options);

    const wrapped = { ...ts, ...additions };
    wrapped.createWatchCompilerHost = ((...args: Parameters<Tslab["watchHost"]>) =>
      this.watchHost(...args)) as unknown as TypeScript["createWatchCompilerHost"];
    wrapped.transpileModule = (input, options) => this.maps.transpile(input, options);
    wrapped.getPreEmitDiagnosticsOfFiles = (program, files) => this.dependencies.diagnose(program, files[0]);
    ts.sys.watchFile = this.watched.watch;
    standInFor("@tslab/typescript-for-tslab", wrapped);
    this.makeConverter = (require("tslab/dist/converter") as typeof tslabConverter).createConverter;
    this.getCodeMetadata = (require("tslab/dist/metadata") as typeof tslabMetadata).getCodeMetadata;
  }

  createConverter(): Converter {
    return this.makeConverter({});
  }

  /**
   * Before each cell: tells the compiler which files changed. True if its settings did, so that it must be made again.
   */
  lookAround(): boolean {
    this.quick.forget();
    this.watched.check();
    if (!this.settingsChanged()) return false;
    this.project = projectOptions(this.ts, this.folder);
    this.localFile = localFileFinder(this.ts, this.folder, this.project.options);
    return true;
  }

  /** Why the project's settings do not apply, if they do not. */
  get problem(): string | undefined {
    return this.project.problem && `${this.project.file}: ${this.project.problem}`;
  }

  private settingsChanged(): boolean {
    return this.project.files.some(({ file, version }) => versionOf(file) !== version);
  }

  private bundle(): string[] {
    return this.tensorflow.active ? [this.tensorflow.file!] : [];
  }

  private watchHost(
    rootFiles: string[],
    options: tsTypes.CompilerOptions,
    sys: tsTypes.System,
    ...rest: unknown[]
  ): object {
    const { ts, folder } = this;
    lendPackages(sys, ts.sys, folder, kernelRoot);
    this.quick.apply(sys);
    inlineReferences(ts, sys);
    const all = { ...options, ...this.project.options, ...ourOptions(sys, options, folder) };
    const host = (ts.createWatchCompilerHost as AnyWatchHost)(
      [...rootFiles, ...preloaded(ts, sys, folder), ...this.bundle()],
      all,
      sys,
      lightBuilder(ts, CELL_FILE),
      ...rest.slice(1),
    );
    return Object.assign(host, resolveModules(ts, host, this.tensorflow));
  }
}

/** tslab's modules are given this object instead of a package, which is never loaded. */
function standInFor(name: string, exports: object): void {
  const file = require.resolve(name, { paths: [path.dirname(require.resolve("tslab/package.json"))] });
  const module = new Module(file);
  Object.assign(module, { filename: file, loaded: true, exports });
  require.cache[file] = module;
}

function ourOptions(sys: tsTypes.System, options: tsTypes.CompilerOptions, folder: string): Record<string, unknown> {
  const own = path.join(folder, "node_modules/@types").replace(/\\/g, "/");
  // The types of an old Node, which tslab brings along, are among them.
  const roots = (options.typeRoots ?? []).filter((root) => !root.includes("/tslab/"));
  return {
    inlineSourceMap: true,
    // tslab's switch makes `await` an identifier at top level, and so `await (x)` a call.
    disableTopLevelAwait: undefined,
    // Gone from TypeScript; CellMaps leaves the directive away.
    noImplicitUseStrict: undefined,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    // Only so that JavaScript beside the notebook has types; to check it was not asked for.
    checkJs: false,
    // Every @types package would be loaded otherwise, mocha's globals included.
    types: ["node"],
    typeRoots: roots.some((root) => sys.fileExists(`${root}/node/package.json`)) ? roots : [own],
  };
}

/**
 * The library's declarations are in the program from the start: nearly every sheet imports it, and reading them takes a
 * second.
 */
function preloaded(ts: TypeScript, sys: tsTypes.System, folder: string): string[] {
  const options = { moduleResolution: ts.ModuleResolutionKind.Node10 };
  const library = ts.resolveModuleName("vitrine", `${folder.replace(/\\/g, "/")}/cell.ts`, options, sys).resolvedModule;
  return library ? [cellGlobals, library.resolvedFileName] : [cellGlobals];
}

/**
 * Asks the disk less often: the compiler looks for the same files and folders thousands of times. What exists inside
 * node_modules is taken to stay; everything else is looked at once a cell, so that a file or package which comes is
 * seen.
 */
class QuickSystem {
  private readonly forgetful: Map<string, boolean>[] = [];

  apply(sys: tsTypes.System): void {
    const { fileExists, directoryExists } = sys;
    sys.fileExists = this.remembered((file) => fileExists(file));
    sys.directoryExists = this.remembered((folder) => directoryExists(folder));
  }

  /** A new cell. */
  forget(): void {
    for (const answers of this.forgetful) answers.clear();
  }

  private remembered(look: (path: string) => boolean): (path: string) => boolean {
    const forCell = new Map<string, boolean>();
    const forGood = new Set<string>();
    this.forgetful.push(forCell);
    return (path) => {
      if (forGood.has(path)) return true;
      let answer = forCell.get(path);
      if (answer !== undefined) return answer;
      answer = look(path);
      if (answer && path.includes("/node_modules/")) forGood.add(path);
      else forCell.set(path, answer);
      return answer;
    };
  }
}

const REFERENCE = /^\/\/\/ <reference (path|lib)="([^"]+)"[^>]*\/>[ \t]*$/gm;
const IS_MODULE = /^(import|export)\b/m;

/**
 * TypeScript's own declarations and Node's are many small files, each naming others. The compiler is given them as a
 * few large ones, with those in place of their names: it need not go through them all for every cell, nor merge again
 * what each says about `Array`.
 */
function inlineReferences(ts: TypeScript, sys: tsTypes.System): void {
  const { readFile } = sys;
  const { libMap } = ts as unknown as { libMap: ReadonlyMap<string, string> };
  const libraries = path.dirname(ts.getDefaultLibFilePath({})).replace(/\\/g, "/");
  const inlined = new Set<string>();
  const texts = new Map<string, string>();

  /** The file's text, with the files it names before it. Of `head`, what must stand at the beginning of the whole. */
  const expand = (file: string, text: string, root: string, head: Set<string>): string => {
    const before: string[] = [];
    const rest = text.replace(REFERENCE, (reference: string, kind: string, name: string) => {
      const library = libMap.get(name);
      if (kind === "lib" && !(library && path.posix.dirname(file) === libraries)) return (void head.add(reference), "");
      const named = kind === "lib" ? `${libraries}/${library}` : path.posix.join(path.posix.dirname(file), name);
      if (inlined.has(named)) return "";
      const content = readFile(named) ?? "";
      if (IS_MODULE.test(content))
        return (void head.add(`/// <reference path="${path.posix.relative(path.posix.dirname(root), named)}" />`), "");
      inlined.add(named);
      before.push(expand(named, content, root, head));
      return "";
    });
    return [...before, rest].join("\n");
  };

  sys.readFile = (file, encoding) => {
    const text = readFile(file, encoding);
    const isLibrary = path.posix.dirname(file) === libraries && file.endsWith(".d.ts");
    if (text === undefined || !(isLibrary || file.endsWith("/node_modules/@types/node/index.d.ts"))) return text;
    if (texts.has(file)) return texts.get(file);
    if (inlined.has(file)) return "";
    inlined.add(file);
    const head = new Set<string>();
    const body = expand(file, text, file, head);
    texts.set(file, [...head, isLibrary ? `/// <reference no-default-lib="true"/>` : "", body].join("\n"));
    return texts.get(file);
  };
}

const normal = (file: string): string => file.replace(/\\/g, "/");

/**
 * For a notebook outside the project, makes the compiler see the project's packages in the notebook's own node_modules,
 * unless it finds one of that name there or in a folder above. (Merely resolving imports to the project would not do:
 * the compiler must also be able to *name* a package from the notebook when it writes down the type of a variable.)
 */
function lendPackages(sys: tsTypes.System, real: tsTypes.System, folder: string, kernelRoot: string): void {
  if (`${normal(folder)}/`.startsWith(`${normal(kernelRoot)}/`)) return;
  const here = `${normal(folder)}/node_modules/`,
    there = `${normal(kernelRoot)}/node_modules/`;
  const lent = new Map<string, boolean>();

  const isLent = (name: string): boolean => {
    const known = lent.get(name);
    if (known) return known;
    // "No" is not remembered: the student may install or remove a package.
    const answer =
      real.directoryExists(there + name) &&
      !ancestors(folder).some((each) => real.directoryExists(path.join(each, "node_modules", name)));
    if (answer) lent.set(name, true);
    return answer;
  };
  const translated = (file: string): string => {
    if (!file.startsWith(here)) return file;
    const rest = file.slice(here.length);
    const name = /^(@[^/]+\/)?[^/]+/.exec(rest)?.[0];
    return name && isLent(name) ? there + rest : file;
  };

  const { fileExists, directoryExists, readFile } = sys;
  sys.fileExists = (file) => fileExists(translated(file));
  sys.directoryExists = (file) => directoryExists(translated(file)) || isScope(file);
  sys.readFile = (file, encoding) => readFile(translated(file), encoding);
  // A lent file keeps the name it was lent under; its real one cannot be written in an import.
  sys.realpath = (file) => (translated(file) === file ? real.realpath!(file) : file);

  function isScope(file: string): boolean {
    return file.startsWith(`${here}@`) && real.directoryExists(there + file.slice(here.length));
  }
}

/** The folder and those above it. */
function ancestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
