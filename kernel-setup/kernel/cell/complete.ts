// What is asked while a cell is typed: how a name goes on, what it is, and whether the cell is finished.

import { Extent } from "./cell-programs";
import type { Compiler } from "./compiler";
import { CELL_PREFIX } from "./cell-programs";
import type { CompletionInfo } from "./tslab";
import { describe } from "./describe";
import { isSuperseded } from "./superseded-types";
import { syntaxErrors } from "./typescript-internals";
import type * as tsTypes from "typescript";
import type { CompletionEntry, QuickInfo } from "typescript";

/** Jupyter counts code points, JavaScript UTF-16 units; they differ after an emoji. */
function toUtf16(text: string, codePoints: number): number {
  let unit = 0;
  for (let n = 0; n < codePoints && unit < text.length; n++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
  return unit;
}

function toCodePoints(text: string, unit: number): number {
  return [...text.slice(0, unit)].length;
}

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

const TYPED = 60;

/** In JupyterLab's words what a name stands for: a constant may hold a function, and an import be a class. */
function kindOf(ts: typeof tsTypes, entry: CompletionEntry, checker: tsTypes.TypeChecker | undefined): string {
  const usual = KINDS[entry.kind] ?? entry.kind;
  if (!checker || !entry.symbol || !["instance", "property", "module"].includes(usual)) return usual;
  try {
    const isAlias = (entry.symbol.flags & Number(ts.SymbolFlags.Alias)) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(entry.symbol) : entry.symbol;
    const type = checker.getTypeOfSymbol(symbol);
    if (type.getConstructSignatures().length > 0) return "class";
    if (type.getCallSignatures().length > 0) return "function";
    return isAlias && !(symbol.flags & Number(ts.SymbolFlags.Module)) ? "instance" : usual;
  } catch {
    return usual;
  }
}

/** What can stand at a place in a cell, whichever letters of its name are there already. */
interface Offered {
  /** Declarations and text around the word at the cursor. */
  place: string;
  program: tsTypes.Program | undefined;
  info: CompletionInfo;
}

const offered = new WeakMap<Compiler, Offered>();

/**
 * The names that fit. While a name is typed the compiler is asked once, at its first letter: what can stand there stays
 * the same, and working it out takes most of the time.
 */
function find(compiler: Compiler, declarations: string, code: string, position: number): CompletionInfo {
  const { tslab } = compiler;
  compiler.lookAround();
  tslab.extend(Extent.Declarations);
  const word = wordBefore(tslab.ts, code, position);
  const place = JSON.stringify([declarations, code.slice(0, position - word.length), code.slice(position)]);
  const known = offered.get(compiler);
  if (word && known?.place === place && known.program === tslab.program && tslab.isCurrent)
    return { ...known.info, end: position, candidates: fitting(known.info.original?.entries ?? [], word) };
  const info = compiler.use((converter) => converter.complete(declarations, code, position));
  if (word && info.start === position - word.length && info.end === position)
    offered.set(compiler, { place, program: tslab.program, info });
  return info;
}

/** The beginning of a name at the cursor; nothing where the name goes on behind it, or is a word of the language. */
function wordBefore(ts: typeof tsTypes, code: string, position: number): string {
  const word = /[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(code.slice(0, position))?.[0] ?? "";
  if (/^[\p{ID_Continue}$]/u.test(code.slice(position))) return "";
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, true, ts.LanguageVariant.Standard, word);
  return scanner.scan() === ts.SyntaxKind.Identifier ? word : "";
}

/** As tslab chooses and sorts them: names that begin so, that begin so in other letters, that have it within. */
function fitting(entries: readonly { name: string; sortText: string }[], word: string): string[] {
  const lower = word.toLowerCase();
  return entries
    .map(({ name, sortText }, index) => {
      const at = name.toLowerCase().indexOf(lower);
      const rank = name.startsWith(word) ? "0" : at === 0 ? "1" : "2";
      return { name, key: at < 0 ? "" : rank + sortText, index };
    })
    .filter(({ key }) => key !== "")
    .sort((a, b) => a.key.localeCompare(b.key) || a.index - b.index)
    .map(({ name }) => name);
}

/** Content of `complete_reply`. Only the token at the cursor is replaced. */
export function complete(compiler: Compiler, declarations: string, code: string, cursor: number): object {
  const position = toUtf16(code, cursor);
  let found;
  try {
    found = find(compiler, declarations, code, position);
  } catch {
    // Inside a string, for one, the completer asks for what it was not given.
    return { status: "ok", matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
  }
  insideString(found, code);
  found.candidates = found.candidates.filter((name) => !isSuperseded(name));
  const all = (found.original?.entries ?? []) as unknown as readonly CompletionEntry[];
  const entries = new Map(all.map((entry) => [entry.name, entry]));
  const { ts } = compiler.tslab;
  const checker = compiler.tslab.program?.getTypeChecker();
  const start = toCodePoints(code, found.start),
    end = toCodePoints(code, found.end);
  return {
    status: "ok",
    matches: found.candidates,
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: found.candidates.map((text, i) => {
        const entry = entries.get(text);
        // Types are worked out for those that are seen first.
        const type = entry && kindOf(ts, entry, i < TYPED ? checker : undefined);
        return { text, type: type ?? "", start, end };
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
    candidates: found.candidates.filter((name) => name.toLowerCase().startsWith(typed) && !INSIDE_BUNDLES.test(name)),
  });
}

const MODULE_KINDS = ["directory", "script", "external module name"];
/** Names in the bundles of declarations. */
const INSIDE_BUNDLES = /^((@tensorflow\/)?tfjs[^/]*|vitrine)\/dist\//;

/** Content of `inspect_reply`: type and documentation of what stands at the cursor, or of the function being called. */
export function inspectAt(compiler: Compiler, declarations: string, code: string, cursor: number): object {
  for (const position of candidates(code, toUtf16(code, cursor))) {
    let info: QuickInfo | undefined;
    try {
      compiler.lookAround();
      compiler.tslab.extend(Extent.Documentation);
      info = compiler.use((converter) => converter.inspect(declarations, code, position));
    } catch {
      continue;
    }
    if (info) return { status: "ok", found: true, data: describe(info), metadata: {} };
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

const UNTERMINATED = new Set([1160 /* template literal */, 1010 /* comment */]);

/** Content of `is_complete_reply`. */
export function isComplete(ts: typeof tsTypes, code: string, kind: tsTypes.ScriptKind): object {
  const errors = syntaxErrors(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, false, kind));
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
