// The compiler's program, kept from cell to cell: a new cell joins the checker that knows everything else already.
import * as path from "path";
import type * as tsTypes from "typescript";
import { moduleNameIn } from "./ambient-bundle";
import { shareVariables, type LastExpression } from "./cell-variables";
import { DeclarationChain } from "./declaration-chain";
import { isForOthers } from "./kept-declarations";
import { moduleSyntax } from "./source-maps";
import type { Resolution, Resolved } from "./type-resolution";
import { addToProgram, internals, removeFromProgram, resolutionsOf, syntaxErrors } from "./typescript-internals";

type TypeScript = typeof tsTypes;
type SourceFile = tsTypes.SourceFile;

/**
 * After so many characters of cells and the declarations before them the checker is made again: it keeps all it has
 * seen, about a hundred bytes for each.
 */
const CHARACTERS_PER_CHECKER = 100_000;
const DECLARATIONS = /\.d\.[cm]?ts$/;
const MAY_IMPORT = /\b(import|from)\b/;

/** Whom the programs tell and ask. */
export interface CellListener {
  /** A program was made. */
  onProgram(program: tsTypes.Program): void;
  /** The value that a cell ends with, while it is compiled. */
  onLastExpression(last: LastExpression): void;
  /** How a cell's text is read: with JSX or without. */
  readonly scriptKind: tsTypes.ScriptKind;
}

/** What tslab puts before a cell's text, and before the declarations of earlier cells. */
export const CELL_PREFIX = "export {};\n";

/** What programs are made of. */
export interface Ingredients {
  /** tslab's own, first that of earlier declarations and the cell's. */
  rootFiles: readonly string[];
  /** What else is in every program. */
  moreRoots: readonly string[];
  /** What takes the place of all that, and of Node's declarations, in programs for which the language is enough. */
  firstRoots: readonly string[];
  extent: Extent;
  options: tsTypes.CompilerOptions;
  /** tslab's, which knows its own files. */
  sys: tsTypes.System;
  resolution: Resolution;
  cells: CellListener;
  /** tslab's converter hears of each program through this. */
  afterProgramCreate?(builder: Builder): void;
}

/** How much has been read: the language, all declarations, or these with their documentation. */
export enum Extent {
  Language,
  Declarations,
  Documentation,
}

/** What tslab's converter uses of a builder where it inspects and completes. */
type Builder = Pick<tsTypes.BuilderProgram, "getSourceFile" | "getProgram">;

/**
 * Stands in for TypeScript's watch program, which makes a new program and a new checker for every cell: nearly all of
 * a cell's time, and megabytes of garbage. A cell is a module that declares nothing for others, so it can join the
 * checker there is, which checks what it has not seen, and knows every type that an earlier cell asked for.
 *
 * A new program is made where the old one cannot know: a file is imported that is not in it, one changed, a package
 * came or went, or something is declared for everybody (`declare global`).
 *
 * Reading all declarations takes more than a second. So it is left until a cell imports something or is refused without
 * them, or until the kernel has nothing to do (`extend`); what explains them is read when somebody asks.
 */
export class CellPrograms {
  private readonly host: tsTypes.CompilerHost;
  private extent: Extent;
  private readonly files = new Map<string, { file?: SourceFile; watcher: tsTypes.FileWatcher }>();
  private roots: readonly string[];
  private program?: tsTypes.Program;
  /** The cell and the newest declarations before it, as they are now. */
  private own: readonly SourceFile[] = [];
  private readonly chain = new DeclarationChain();
  /** The program was made with something that is for everybody. */
  private isShared = false;
  private isOutdated = true;
  private joined = 0;
  private characters = 0;
  private pending: unknown;
  private readonly resolved = new Map<string, Resolved>();

  constructor(
    private readonly ts: TypeScript,
    private readonly given: Ingredients,
  ) {
    const { sys, rootFiles, resolution } = given;
    this.roots = rootFiles;
    this.extent = given.extent;
    const libraries = ts.sys.getExecutingFilePath().replace(/[/\\][^/\\]*$/, "");
    this.host = {
      getSourceFile: (name, options) =>
        this.sourceFile(name, typeof options === "object" ? options : { languageVersion: options }),
      getDefaultLibFileName: (options) => `${libraries}/${ts.getDefaultLibFileName(options)}`,
      getDefaultLibLocation: () => libraries,
      getCurrentDirectory: () => sys.getCurrentDirectory(),
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (file) => sys.fileExists(file),
      readFile: (file) => sys.readFile(file),
      directoryExists: (folder) => sys.directoryExists(folder),
      getDirectories: (folder) => sys.getDirectories(folder),
      realpath: (file) => sys.realpath?.(file) ?? file,
      writeFile: () => undefined,
      ...resolution.hooks,
    };
    // Through these tslab tells that it has another text.
    for (const file of rootFiles) sys.watchFile!(file, () => this.schedule());
    this.update();
  }

  /** tslab's own files: those it began with, and modules that cells declare. */
  updateRootFileNames(files: readonly string[]): void {
    this.roots = files;
    this.isOutdated = true;
    this.schedule();
  }

  /** How much is read, in the next program at the latest. */
  get reads(): Extent {
    return this.extent;
  }

  /** Reads so much, in the next program. False if it was read already. */
  extend(extent: Extent): boolean {
    if (extent <= this.extent) return false;
    this.extent = extent;
    this.isOutdated = true;
    if (extent === Extent.Documentation) this.close();
    return true;
  }

  /** Makes the program now, if what is there is not right any more. */
  refresh(): void {
    if (!this.isOutdated) return;
    this.update();
    this.program!.getTypeChecker();
  }

  /** Is the program as right as when it was made, as far as was looked? */
  get isCurrent(): boolean {
    return !this.isOutdated && !this.haveImportsMoved();
  }

  /** Packages changed. */
  outdate(): void {
    this.isOutdated = true;
  }

  close(): void {
    for (const { watcher } of this.files.values()) watcher.close();
    this.files.clear();
  }

  /** tslab makes it happen when it has told all. */
  private schedule(): void {
    const { sys } = this.given;
    if (this.pending !== undefined) sys.clearTimeout!(this.pending);
    this.pending = sys.setTimeout!(() => {
      this.pending = undefined;
      this.update();
    }, 0);
  }

  private update(): void {
    const { rootFiles, sys } = this.given;
    const [declarations, cell] = rootFiles.slice(0, 2).map((name) => sys.readFile(name) ?? "");
    this.take(declarations.replace(/^export \{\};\r?\n/, ""), cell);
  }

  /** The cell and the declarations before it, the oldest first, in a program. */
  compile(declarations: string, text: string): { program: tsTypes.Program; earlier: SourceFile[]; cell: SourceFile } {
    this.take(declarations, CELL_PREFIX + text);
    return { program: this.program!, earlier: this.chain.files, cell: this.own[1] };
  }

  private take(declarations: string, text: string): void {
    const cell = this.parsed(1, text);
    if (this.isOutdated || this.isShared || !this.join(declarations, cell)) this.begin(declarations, cell);
    setParent(cell, this.own[0]);
    this.given.afterProgramCreate?.(this.builder());
  }

  /** Of tslab's two files one, with a text. */
  private parsed(which: 0 | 1, text: string): SourceFile {
    const { rootFiles, options, cells } = this.given;
    const kind = which === 1 ? cells.scriptKind : undefined;
    return this.ts.createSourceFile(rootFiles[which], text, options.target!, false, kind);
  }

  /** Does it declare something for others? Does it need more than the language? */
  private looked(files: readonly SourceFile[]): { isShared: boolean; isMore: boolean } {
    const { ts } = this;
    const isShared = files.some((file) =>
      file.statements.some((each) => ts.isModuleDeclaration(each) && isForOthers(ts, each)),
    );
    return { isShared, isMore: isShared || files.some((file) => MAY_IMPORT.test(file.text) || namesFiles(file)) };
  }

  private builder(): Builder {
    const { own } = this;
    const program = this.program!;
    return {
      getProgram: () => program,
      getSourceFile: (name) => own.find(({ fileName }) => fileName === name) ?? program.getSourceFile(name),
    };
  }

  /** Writes down the cell, and its declarations without the line of exports. */
  emit(cell: SourceFile, write: tsTypes.WriteFileCallback): tsTypes.EmitResult {
    const { ts } = this;
    const program = this.program!;
    return program.emit(cell, write, undefined, false, {
      before: [
        shareVariables(ts, program.getTypeChecker(), (last) => this.given.cells.onLastExpression(last)),
        ...(MAY_IMPORT.test(cell.text) ? [moduleSyntax(ts)] : []),
      ],
      afterDeclarations: [() => (file) => (ts.isSourceFile(file) ? withoutExports(ts, file) : file)],
    });
  }

  /** Makes a new program, of the last one's parts where they are still right. */
  private begin(declarations: string, cell: SourceFile): void {
    const { ts, host, given } = this;
    const all = this.parsed(0, CELL_PREFIX + declarations);
    this.own = [all, cell];
    this.chain.start(all, declarations);
    const { isShared, isMore } = this.looked(this.own);
    this.isShared = isShared;
    if (isMore) this.extend(Extent.Declarations);
    this.isOutdated = false;
    this.joined = this.characters = 0;
    this.resolved.clear();
    const isFirst = this.extent === Extent.Language;
    const rootNames = [...new Set([...this.roots, ...(isFirst ? given.firstRoots : given.moreRoots)])];
    const options = isFirst ? { ...given.options, types: [] } : given.options;
    const program = ts.createProgram({ rootNames, options, host, oldProgram: this.program });
    this.program = program;
    for (const [name, { file, watcher }] of this.files) {
      if (!file || program.getSourceFile(name)) continue;
      watcher.close();
      this.files.delete(name);
    }
    given.resolution.settled();
    given.cells.onProgram(program);
    for (const file of this.own) internals(ts).bindSourceFile(file, options);
  }

  private sourceFile(name: string, options: tsTypes.CreateSourceFileOptions): SourceFile | undefined {
    const own = this.own.find(({ fileName }) => fileName === name);
    if (own) return own;
    const known = this.files.get(name);
    if (known) return known.file;
    const { ts } = this;
    const { sys } = this.given;
    const text = sys.readFile(name);
    const { ParseAll, ParseNone } = ts.JSDocParsingMode;
    // In JavaScript the comments are the types.
    const isPlain = this.extent < Extent.Documentation && DECLARATIONS.test(name);
    const how = { ...options, jsDocParsingMode: isPlain ? ParseNone : ParseAll };
    const file = text === undefined ? undefined : ts.createSourceFile(name, text, how);
    const watcher = sys.watchFile!(name, () => {
      this.files.get(name)?.watcher.close();
      this.files.delete(name);
      this.isOutdated = true;
    });
    this.files.set(name, { file, watcher });
    return file;
  }

  /** Lets the program's checker have the cell and what is new before it. False where it could not know all. */
  private join(declarations: string, cell: SourceFile): boolean {
    const { ts, program, chain } = this;
    const { options } = this.given;
    if (!program || this.characters > CHARACTERS_PER_CHECKER) return false;
    // These need an import that is not in the text.
    if (options.jsx === ts.JsxEmit.ReactJSX || options.jsx === ts.JsxEmit.ReactJSXDev) return false;
    const growth = chain.compare(declarations);
    const added = growth.body === "" ? undefined : this.parsed(0, CELL_PREFIX + growth.body);
    const files = added ? [added, cell] : [cell];
    const { isShared, isMore } = this.looked(files);
    if (isShared || (isMore && this.extent < Extent.Declarations)) return false;
    if (files.some((file) => namesFiles(file) || (file === added && syntaxErrors(file).length > 0))) return false;
    for (const file of files) internals(ts).bindSourceFile(file, options);
    const imports = files.map((file) => (MAY_IMPORT.test(file.text) ? importsIn(ts, file) : []));
    const resolutions = files.map(({ fileName }, i) => imports[i].map(({ text }) => this.resolve(text, fileName)));
    if (!resolutions.flat().every((each) => this.knows(each)) || this.haveImportsMoved(growth.kept)) return false;
    for (const file of [...growth.dropped, this.own[1]]) removeFromProgram(program, file);
    for (const [i, file] of files.entries()) {
      if (!addToProgram(ts, program, file, ++this.joined, imports[i], resolutions[i])) return false;
      this.characters += file.text.length;
    }
    if (added && growth.kept.length > 0) setParent(added, growth.kept.at(-1)!);
    chain.grow(growth, added);
    this.own = [chain.files.at(-1)!, cell];
    return true;
  }

  private resolve(name: string, from: string): Resolved {
    const { resolution, options } = this.given;
    const key = `${path.dirname(from)}\n${name}`;
    const known = this.resolved.get(key);
    if (known) return known;
    const found = resolution.resolve(name, from, options);
    if (resolution.isLasting(name, found)) this.resolved.set(key, found);
    return found;
  }

  /** Is the file that an import means a part of the program, if it can be? */
  private knows({ resolvedModule: found }: Resolved): boolean {
    if (!found || this.program!.getSourceFile(found.resolvedFileName)) return true;
    return found.isExternalLibraryImport === true && /^\.[cm]?jsx?$/.test(found.extension);
  }

  /** Would the student's own files, or declarations, import others today? One may have come to exist. */
  private haveImportsMoved(declarations: readonly SourceFile[] = this.chain.files): boolean {
    const program = this.program!;
    const sources = program
      .getSourceFiles()
      .filter((file) => !file.isDeclarationFile && !this.given.rootFiles.includes(file.fileName));
    return [...sources, ...declarations].some((file) =>
      [...resolutionsOf(program, file)].some(
        ([name, before]) => this.resolve(name, file.fileName).resolvedModule?.resolvedFileName !== before,
      ),
    );
  }
}

/** Names that a file does not declare are then looked for in the other. */
function setParent(file: SourceFile, parent: SourceFile): void {
  (file as { parent: tsTypes.Node }).parent = parent;
}

/** Nor do later cells load again what a cell loaded for its effects. */
function withoutExports(ts: TypeScript, file: SourceFile): SourceFile {
  return ts.factory.updateSourceFile(
    file,
    file.statements.filter(
      (each) => !ts.isExportDeclaration(each) && !(ts.isImportDeclaration(each) && !each.importClause),
    ),
  );
}

const namesFiles = (file: SourceFile): boolean =>
  file.referencedFiles.length + file.typeReferenceDirectives.length + file.libReferenceDirectives.length > 0;

/** The names of modules in a file, wherever an import can stand. */
function importsIn(ts: TypeScript, file: SourceFile): tsTypes.StringLiteralLike[] {
  const found: tsTypes.StringLiteralLike[] = [];
  const visit = (node: tsTypes.Node): void => {
    const name = moduleNameIn(ts, node);
    if (name && ts.isStringLiteralLike(name) && name.text) found.push(name);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
