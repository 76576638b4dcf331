import { existsSync } from "fs";
import * as path from "path";
import type * as tslabConverter from "tslab/dist/converter";
import type * as tsTypes from "typescript";
import { isOfOuterVar } from "./block-variables";
import type { TslabAdditions } from "./typescript-for-tslab";
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

/**
 * Checks the student's files together with the cell that imports them, directly or not; tslab hears of the cell's
 * faults only.
 */
export class DependencyCheck {
  /** The last cell's. */
  faults: Diagnostic[] = [];
  /** Packages without types that the last cell or its files import. */
  untyped: string[] = [];
  /** Files found without fault, as long as none of them is read again. */
  private clean = new Set<SourceFile>();

  constructor(
    private readonly ts: TypeScript,
    private readonly additions: TslabAdditions,
    private readonly cellFile: string,
    private readonly folder: string,
  ) {}

  diagnose(program: tsTypes.Program, cell: SourceFile): tsTypes.Diagnostic[] {
    const imported = sourceDependencies(program, cell).filter(
      (file) => file !== cell && file.fileName.endsWith(".json") === false,
    );
    const all = this.additions.getPreEmitDiagnosticsOfFiles(
      program,
      imported.every((file) => this.clean.has(file)) ? [cell] : [cell, ...imported],
    );
    const [own, others] = [[], []] as [tsTypes.Diagnostic[], tsTypes.Diagnostic[]];
    this.untyped = [];
    for (const each of all) {
      if (!each.file || each.code === OUTSIDE_ROOT || ALLOWED.has(each.code)) continue;
      const isCell = path.basename(each.file.fileName) === this.cellFile;
      // The checker that all cells share remembers the faults of earlier ones.
      if (isCell && (each.file !== cell || isOfOuterVar(each))) continue;
      if (each.code === UNTYPED) {
        this.untyped.push(each.file.text.slice(each.start! + 1, each.start! + each.length! - 1));
        continue;
      }
      (isCell ? own : others).push(each);
    }
    this.faults = others
      .filter(({ category }) => category === this.ts.DiagnosticCategory.Error)
      .map((each) => this.described(each as tsTypes.DiagnosticWithLocation));
    this.clean = new Set(this.faults.length === 0 ? [...this.clean, ...imported] : []);
    return own;
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
