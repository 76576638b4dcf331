// A cell's TypeScript, checked and written down as JavaScript and as declarations for later cells.
import type * as tslabConverter from "tslab/dist/converter";
import type * as tsTypes from "typescript";
import { CELL_PREFIX, type CellPrograms } from "./cell-programs";
import type { DependencyCheck } from "./dependency-check";
import { remainingDeclarations } from "./remaining-declarations";
import type { CellMaps } from "./source-maps";

type TypeScript = typeof tsTypes;
type Diagnostic = tslabConverter.Diagnostic;

/** A cell with faults has these alone. */
export interface Converted {
  diagnostics: Diagnostic[];
  output?: string;
  /** What later cells know: what this one declares, and what it leaves of earlier ones. */
  declOutput?: string;
}

/**
 * In place of tslab's own step, whose result it has: one pass over the cell finds its declarations' faults and writes
 * them down, and earlier declarations stay as they were written.
 * @param names what the cell declares
 */
export function convert(
  ts: TypeScript,
  programs: CellPrograms,
  dependencies: DependencyCheck,
  maps: CellMaps,
  declarations: string,
  source: string,
  names: ReadonlySet<string>,
): Converted {
  const { program, earlier, cell } = programs.compile(declarations, source);
  const checker = program.getTypeChecker();
  const told = (found: readonly tsTypes.Diagnostic[]): Diagnostic[] => found.flatMap((each) => described(each));
  const faults = dependencies.diagnose(program, cell);
  if (faults.length > 0)
    return { diagnostics: told(sorted(ts, [...faults, ...declarationFaults(program, dependencies, cell)])) };
  let output = "",
    declared = "";
  const { diagnostics } = programs.emit(cell, (file, text) => {
    if (file.endsWith(".d.ts")) declared = text;
    else output = text;
  });
  const unwritable = dependencies.own(diagnostics, cell);
  if (unwritable.length > 0) return { diagnostics: told(sorted(ts, unwritable)) };
  return {
    diagnostics: [],
    output: maps.commonJs(output),
    // The newest first.
    declOutput: [...earlier]
      .reverse()
      .reduce((text, each) => text + remainingDeclarations(ts, checker, cell, each, names), declared),
  };
}

const sorted = (ts: TypeScript, found: readonly tsTypes.Diagnostic[]): readonly tsTypes.Diagnostic[] =>
  ts.sortAndDeduplicateDiagnostics(found);

function declarationFaults(
  program: tsTypes.Program,
  dependencies: DependencyCheck,
  cell: tsTypes.SourceFile,
): tsTypes.Diagnostic[] {
  return dependencies.own(program.getDeclarationDiagnostics(cell), cell);
}

/** A fault with those that explain it, each as one; places are counted without the line before the cell. */
function described({ file, start = 0, length = 0, messageText, category, code }: tsTypes.Diagnostic): Diagnostic[] {
  const place = (offset: number): tslabConverter.DiagnosticPos => {
    const { line, character } = file!.getLineAndCharacterOfPosition(offset);
    return { offset: offset - CELL_PREFIX.length, line: line - 1, character };
  };
  const where = { start: place(start), end: place(start + length) };
  if (typeof messageText === "string") return [{ ...where, messageText, category, code }];
  const inOrder = ({ next = [], ...each }: tsTypes.DiagnosticMessageChain): Diagnostic[] => [
    { ...where, messageText: each.messageText, category: each.category, code: each.code },
    ...next.flatMap(inOrder),
  ];
  return inOrder(messageText);
}
