// tslab's converter on the project's own TypeScript, and what makes it quick.
import { Module } from "module";
import * as path from "path";
import type * as tslabConverter from "tslab/dist/converter";
import type * as tslabMetadata from "tslab/dist/metadata";
import type * as tsTypes from "typescript";
import { builtAt, BundledTypes, libraryBundle, tensorflowBundle } from "./bundled-types";
import { CellPrograms, Extent, type CellListener, type Ingredients } from "./cell-programs";
import { requireCached } from "./code-cache";
import type { LastExpression } from "./cell-variables";
import { convert, type Converted } from "./convert";
import { DependencyCheck } from "./dependency-check";
import { inlineReferences } from "./inline-references";
import { lendPackages } from "./lent-packages";
import { languageOptions, syntaxOptions } from "./language-options";
import { PackageFolders } from "./package-folders";
import { AmbientFolders, projectOptions, type ProjectOptions } from "./project-options";
import { QuickSystem } from "./quick-system";
import { CellMaps } from "./source-maps";
import { localFileFinder, resolveModules, type LocalFileFinder, type Resolution } from "./type-resolution";
import { tslabAdditions } from "./typescript-for-tslab";
import { versionOf, WatchedFiles } from "./watched-files";
import { home } from "../shared/home";

/** tslab's, but for its own way with cells. */
export type Converter = Omit<tslabConverter.Converter, "convert">;
export type CompletionInfo = tslabConverter.CompletionInfo;
export type Diagnostic = tslabConverter.Diagnostic;
type TypeScript = typeof tsTypes;

const { root: kernelRoot, cellGlobals } = home;

export const typescriptFile = (): string =>
  require.resolve("typescript", { paths: [path.dirname(require.resolve("tslab/package.json"))] });

/** What the first cells may use. */
const firstCells = path.posix.join(path.posix.dirname(cellGlobals), "first-cells.d.ts");

const compiledLibrary = builtAt(kernelRoot);

/** The name tslab gives to the cell being compiled. */
const CELL_FILE = "__tslab__.ts";
/**
 * tslab's own modules. Its converter fixes its compiler options; ours differ (the project's settings, source maps,
 * top-level `await` as the language has it, packages found from the kernel too), so it is given a TypeScript module in
 * which some functions are wrapped.
 */
export class Tslab implements CellListener {
  readonly ts: TypeScript;
  readonly maps: CellMaps;
  readonly getCodeMetadata: typeof tslabMetadata.getCodeMetadata;
  /** What is wrong in the files that the cell imports. */
  readonly dependencies: DependencyCheck;
  /** The student's own source file that an import names, if it is not a package. */
  localFile!: LocalFileFinder;
  readonly folder: string;
  /** What many files of packages declare, in one each. */
  readonly bundles: readonly BundledTypes[];
  /** The last one that was made. */
  program?: tsTypes.Program;
  /** What the cell compiled last ends with. */
  lastExpression?: LastExpression;
  /** Packages came, went or changed; to be put back by who has heard of it. */
  packagesChanged = false;
  private project!: ProjectOptions;
  private ambient!: AmbientFolders;
  private readonly watched: WatchedFiles;
  private readonly packages: PackageFolders;
  private readonly quick: QuickSystem;
  private lent?: ReturnType<typeof lendPackages>;
  private resolution?: Resolution;
  private programs?: CellPrograms;
  private read: Extent = Extent.Language;
  private readonly makeConverter: typeof tslabConverter.createConverter;

  constructor() {
    const file = typescriptFile();
    const ts = (this.ts = requireCached(file, home.compiledCode) as TypeScript);
    this.folder = ts.sys.getCurrentDirectory();
    this.bundles = [tensorflowBundle, libraryBundle].map((plan) => new BundledTypes(ts, plan(kernelRoot)));
    this.maps = new CellMaps(ts);
    const additions = tslabAdditions(ts);
    this.watched = new WatchedFiles(ts, {
      build: compiledLibrary,
      packages: path.join(kernelRoot, "node_modules/").replace(/\\/g, "/"),
    });
    this.packages = new PackageFolders(this.folder, kernelRoot, path.posix.dirname(compiledLibrary));
    this.quick = new QuickSystem(this.packages);
    this.dependencies = new DependencyCheck(ts, CELL_FILE, this.folder);
    this.readProject();
    const wrapped = { ...ts, ...additions };
    Object.assign(wrapped, {
      createWatchCompilerHost: (...args: Parameters<Tslab["ingredients"]>) => this.ingredients(...args),
      createWatchProgram: (given: Ingredients) => (this.programs = new CellPrograms(ts, given)),
    });
    ts.sys.watchFile = this.watched.watch;
    standInFor("@tslab/typescript-for-tslab", wrapped);
    this.makeConverter = (require("tslab/dist/converter") as typeof tslabConverter).createConverter;
    this.getCodeMetadata = (require("tslab/dist/metadata") as typeof tslabMetadata).getCodeMetadata;
  }

  createConverter(): Converter {
    return this.makeConverter({});
  }

  /**
   * A cell, checked and written down; needs a converter.
   * @param names what it declares
   */
  convert(earlier: string, source: string, names: ReadonlySet<string>): Converted {
    this.lastExpression = undefined;
    return convert(this.ts, this.programs!, this.dependencies, this.maps, earlier, source, names);
  }

  /**
   * Before each cell: tells the compiler which files changed. True if its settings did, so that it must be made again.
   */
  lookAround(): boolean {
    this.quick.forget();
    const packagesChanged = this.packages.changed();
    if (packagesChanged) {
      this.packagesChanged = true;
      this.quick.forgetPackages();
      this.lent?.forget();
      this.resolution?.forget();
      this.programs?.outdate();
    }
    this.watched.check(packagesChanged);
    const isOutdated = this.bundles.filter((each) => each.isOutdated()).length > 0;
    if (!this.settingsChanged()) return isOutdated;
    this.readProject();
    return true;
  }

  /**
   * Has declarations read that the first cells did without. False if they were already.
   * @param now not with the next cell
   */
  extend(extent: Extent, now = false): boolean {
    this.read = Math.max(this.read, extent);
    const isMore = this.programs?.extend(extent) ?? false;
    if (isMore && now) this.programs!.refresh();
    return isMore;
  }

  /** All declarations have been read, not only those of the language. */
  get hasReadAll(): boolean {
    return (this.programs?.reads ?? Extent.Language) > Extent.Language;
  }

  /** Which bundles still fit. */
  get bundlesInUse(): number {
    return this.bundles.filter((each) => each.active).length;
  }

  /** Nothing that was looked at changed since the last program was made. */
  get isCurrent(): boolean {
    return this.programs?.isCurrent ?? false;
  }

  onProgram(program: tsTypes.Program): void {
    this.program = program;
  }

  onLastExpression(last: LastExpression): void {
    this.lastExpression = last;
  }

  /** Cells have JSX where the project says what becomes of it. */
  get scriptKind(): tsTypes.ScriptKind {
    return this.project.options.jsx === undefined ? this.ts.ScriptKind.TS : this.ts.ScriptKind.TSX;
  }

  /** Why the project's settings do not apply, if they do not. */
  get problem(): string | undefined {
    return this.project.problem && `${this.project.file}: ${this.project.problem}`;
  }

  private readProject(): void {
    this.project = projectOptions(this.ts, this.folder);
    this.localFile = localFileFinder(this.ts, this.folder, this.project.options);
    this.maps.syntax = syntaxOptions(this.ts, this.project.options);
    this.ambient = new AmbientFolders(this.project);
  }

  private settingsChanged(): boolean {
    if (this.project.files.some(({ file, version }) => versionOf(file) !== version)) return true;
    return this.ambient.changed();
  }

  /** What is in every cell's program besides the cell. */
  private moreRoots(sys: tsTypes.System): string[] {
    const library = this.libraryFile(sys);
    const bundles = this.bundles.filter((each) => each.active).map(({ file }) => file!);
    return [cellGlobals, ...library, ...bundles, ...this.project.ambient];
  }

  /**
   * The library's declarations are in the program from the first import on, whatever is imported: nearly every sheet
   * needs them. If no bundle has them, this is their file.
   */
  private libraryFile(sys: tsTypes.System): string[] {
    const { ts, folder } = this;
    const options = { moduleResolution: ts.ModuleResolutionKind.Node10 };
    const from = `${folder.replace(/\\/g, "/")}/cell.ts`;
    const found = ts.resolveModuleName("vitrine", from, options, sys).resolvedModule?.resolvedFileName;
    return found && !this.bundles.some((each) => each.declares("vitrine", found, from)) ? [found] : [];
  }

  /** What takes the place of a watch program's host: what our own programs are made of. */
  private ingredients(rootFiles: string[], options: tsTypes.CompilerOptions, sys: tsTypes.System): Ingredients {
    const { ts, folder } = this;
    this.lent = lendPackages(sys, ts.sys, folder, home);
    this.quick.apply(sys);
    inlineReferences(ts, sys);
    this.resolution = resolveModules(ts, sys, this.bundles);
    return {
      rootFiles,
      moreRoots: this.moreRoots(sys),
      firstRoots: [firstCells],
      extent: this.read,
      options: {
        ...options,
        ...languageOptions(ts),
        ...this.project.options,
        ...syntaxOptions(ts, this.project.options),
        ...ourOptions(ts, sys, options, folder),
      },
      sys,
      resolution: this.resolution,
      cells: this,
    };
  }
}

/** tslab's modules are given this object instead of a package, which is never loaded. */
function standInFor(name: string, exports: object): void {
  const file = require.resolve(name, { paths: [path.dirname(require.resolve("tslab/package.json"))] });
  const module = new Module(file);
  Object.assign(module, { filename: file, loaded: true, exports });
  require.cache[file] = module;
}

function ourOptions(
  ts: TypeScript,
  sys: tsTypes.System,
  options: tsTypes.CompilerOptions,
  folder: string,
): tsTypes.CompilerOptions {
  const own = path.join(folder, "node_modules/@types").replace(/\\/g, "/");
  // The types of an old Node, which tslab brings along, are among them.
  const roots = (options.typeRoots ?? []).filter((root) => !root.includes("/node_modules/tslab/"));
  return {
    // What runs. What TypeScript would refuse in such a module, `await` for one, DependencyCheck lets pass.
    module: ts.ModuleKind.CommonJS,
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
