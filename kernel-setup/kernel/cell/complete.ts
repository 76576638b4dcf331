import type { Compiler } from "./compiler";
import { CELL_PREFIX, type CompletionInfo } from "./tslab";
import { isSuperseded } from "./superseded-types";
import { toCodePoints, toUtf16 } from "./positions";

/** TypeScript's kinds of symbol, in JupyterLab's words where those differ. */
const KINDS: Record<string, string> = {
  const: "instance",
  let: "instance",
  var: "instance",
  "local var": "instance",
  getter: "property",
  alias: "module",
  method: "function",
};

/** Content of `complete_reply`. Only the token at the cursor is replaced. */
export function complete(compiler: Compiler, declarations: string, code: string, cursor: number): object {
  const position = toUtf16(code, cursor);
  let found;
  try {
    found = compiler.use((converter) => converter.complete(declarations, code, position));
  } catch {
    // Inside a string, for one, the completer asks for what it was not given.
    return { status: "ok", matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
  }
  insideString(found, code);
  found.candidates = found.candidates.filter((name) => !isSuperseded(name));
  const kinds = new Map(found.original?.entries.map((entry) => [entry.name, entry.kind as string]) ?? []);
  const start = toCodePoints(code, found.start),
    end = toCodePoints(code, found.end);
  return {
    status: "ok",
    matches: found.candidates,
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: found.candidates.map((text) => {
        const kind = kinds.get(text) ?? "";
        return { text, type: KINDS[kind] ?? kind, start, end };
      }),
    },
  };
}

/**
 * Inside a string (a module's name, one of several words) TypeScript knows what is replaced, and tslab does not ask.
 */
function insideString(found: CompletionInfo, code: string): void {
  const entries = found.original?.entries ?? [];
  const span = entries.find(({ replacementSpan }) => replacementSpan)?.replacementSpan;
  const isModule = entries.some(({ kind }) => (MODULE_KINDS as readonly string[]).includes(kind));
  if (found.start !== found.end || !(span || isModule)) return;
  const start = span
    ? span.start - CELL_PREFIX.length
    : found.end - /[^'"`/]*$/.exec(code.slice(0, found.end))![0].length;
  const end = span ? start + span.length : found.end;
  const typed = code.slice(start, end).toLowerCase();
  Object.assign(found, {
    start,
    end,
    candidates: found.candidates.filter(
      (name) => name.toLowerCase().startsWith(typed) && !INSIDE_TENSORFLOW.test(name),
    ),
  });
}

const MODULE_KINDS = ["directory", "script", "external module name"];
/** Names in the bundle of its declarations. */
const INSIDE_TENSORFLOW = /^(@tensorflow\/)?tfjs[^/]*\/dist\//;
