import { existsSync } from "fs";
import * as path from "path";
import type * as tslabConverter from "tslab/dist/converter";
import type * as tsTypes from "typescript";
import { isOfOuterVar } from "./block-variables";
import { importsOf } from "./typescript-internals";

type Diagnostic = tslabConverter.Diagnostic;
type TypeScript = typeof tsTypes;
type SourceFile = tsTypes.SourceFile;

/** "File is not under rootDir": true of every file outside the notebook's folder, and no concern of the student's. */
const OUTSIDE_ROOT = 6059;
/**
 * Not allowed in a CommonJS module, and yet in cells: `await`, `for await` and `await using` at top level,
 * `import.meta`, attributes of imports.
 */
const ALLOWED = new Set([1378, 1432, 2854, 1343, 2823, 2821]);
const PREFIX = "export {};";
/** "Could not find a declaration file for module": it is there, in JavaScript. */
const UNTYPED = 7016;

/** Checks the student's files together with the cell that imports them, directly or not. */
export class DependencyCheck {
  /** The last cell's. */
  faults: Diagnostic[] = [];
  /** Packages without types that the last cell or its files import. */
  untyped: string[] = [];
  /** Files found without fault, as long as none of them is read again. */
  private clean = new Set<SourceFile>();

  constructor(
    private readonly ts: TypeScript,
    private readonly cellFile: string,
    private readonly folder: string,
  ) {}

  /** The cell's faults, but not those that are found where its declarations are written down. */
  diagnose(program: tsTypes.Program, cell: SourceFile): tsTypes.Diagnostic[] {
    const imported = sourceDependencies(program, cell).filter(
      (file) => file !== cell && file.fileName.endsWith(".json") === false,
    );
    const all = [
      ...program.getSyntacticDiagnostics(cell),
      ...program.getSemanticDiagnostics(cell),
      ...(imported.every((file) => this.clean.has(file)) ? [] : this.checkedAlone(program, imported)),
    ];
    this.untyped = all
      .filter((each) => each.code === UNTYPED && (each.file === cell || !this.isCell(each)))
      .map(({ file, start = 0, length = 0 }) => file!.text.slice(start + 1, start + length - 1));
    this.faults = all
      .filter((each) => this.isFault(each) && !this.isCell(each))
      .filter(({ category }) => category === this.ts.DiagnosticCategory.Error)
      .map((each) => this.described(each as tsTypes.DiagnosticWithLocation));
    this.clean = new Set(this.faults.length === 0 ? [...this.clean, ...imported] : []);
    return this.own(all, cell);
  }

  /** Those that are the cell's: the checker that all cells share remembers the faults of earlier ones. */
  own(found: readonly tsTypes.Diagnostic[], cell: SourceFile): tsTypes.Diagnostic[] {
    return found.filter((each) => this.isFault(each) && each.file === cell && !isOfOuterVar(each));
  }

  private isFault({ file, code }: tsTypes.Diagnostic): boolean {
    return file !== undefined && code !== OUTSIDE_ROOT && code !== UNTYPED && !ALLOWED.has(code);
  }

  private isCell({ file }: tsTypes.Diagnostic): boolean {
    return file !== undefined && path.basename(file.fileName) === this.cellFile;
  }

  private checkedAlone(program: tsTypes.Program, files: readonly SourceFile[]): readonly tsTypes.Diagnostic[] {
    const { ts } = this;
    return ts.sortAndDeduplicateDiagnostics(files.flatMap((file) => ts.getPreEmitDiagnostics(program, file)));
  }

  private described({ file, start, length, messageText, category, code }: tsTypes.DiagnosticWithLocation): Diagnostic {
    // A module that a cell declared has a line before its text.
    const added = file.text.startsWith(PREFIX) && !existsSync(file.fileName) ? 1 : 0;
    const place = (offset: number): Diagnostic["start"] => {
      const { line, character } = file.getLineAndCharacterOfPosition(offset);
      return { offset, line: line - added, character };
    };
    return {
      start: place(start),
      end: place(start + length),
      messageText: this.ts.flattenDiagnosticMessageText(messageText, "\n"),
      category,
      code,
      fileName: path.relative(this.folder, file.fileName),
    };
  }
}

/** The file and the TypeScript and JavaScript sources it imports, directly or not; no declaration files. */
function sourceDependencies(program: tsTypes.Program, file: SourceFile): SourceFile[] {
  const found = new Set<SourceFile>();
  const visit = (each: SourceFile): void => {
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
