import type { QuickInfo } from "typescript";
import type { Compiler } from "./compiler";
import { toUtf16 } from "./positions";

/** Content of `inspect_reply`: type and documentation of what stands at the cursor, or of the function being called. */
export function inspectAt(compiler: Compiler, declarations: string, code: string, cursor: number): object {
  const { printQuickInfo } = require("tslab/dist/inspect") as { printQuickInfo(info: QuickInfo): string };
  for (const position of candidates(code, toUtf16(code, cursor))) {
    let info: QuickInfo | undefined;
    try {
      info = compiler.use((converter) => converter.inspect(declarations, code, position));
    } catch {
      continue;
    }
    if (info) return { status: "ok", found: true, data: { "text/plain": printQuickInfo(info) }, metadata: {} };
  }
  return { status: "ok", found: false, data: {}, metadata: {} };
}

/** At the cursor, just before it, and before the bracket that is still open there. */
function candidates(code: string, position: number): number[] {
  const all = [position];
  if (position > 0) all.push(position - 1);
  for (let at = position - 1, depth = 0; at >= 0; at--) {
    if (code[at] === ")") depth++;
    if (code[at] === "(" && depth-- === 0) {
      const name = /[\w$]\s*(<[^<>]*>)?\s*$/.exec(code.slice(0, at));
      if (name) all.push(name.index);
      break;
    }
  }
  return all;
}
