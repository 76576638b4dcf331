import type * as tsTypes from "typescript";

const UNTERMINATED = new Set([1160 /* template literal */, 1010 /* comment */]);

/** Content of `is_complete_reply`. */
export function isComplete(ts: typeof tsTypes, code: string): object {
  const file = ts.createSourceFile(
    "cell.ts",
    code,
    ts.ScriptTarget.ES2022,
    false,
    ts.ScriptKind.TS,
  ) as tsTypes.SourceFile & { parseDiagnostics: tsTypes.Diagnostic[] };
  const errors = file.parseDiagnostics;
  if (errors.length === 0) return { status: "complete" };
  const end = code.trimEnd().length;
  const open = errors.some(({ start = 0, code: number }) => start >= end || UNTERMINATED.has(number));
  return open ? { status: "incomplete", indent: indentAfter(code) } : { status: "invalid" };
}

/** Two more spaces after an opening bracket, else as before. */
function indentAfter(code: string): string {
  const line = code.slice(code.lastIndexOf("\n") + 1);
  const before = /^\s*/.exec(line)![0];
  return /[{[(]\s*$/.test(line) ? `${before}  ` : before;
}
