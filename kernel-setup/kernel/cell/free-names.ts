// What a cell takes from elsewhere.
import type * as tsTypes from "typescript";
import { bound, isUse } from "./cell-variables";
import { localsOf } from "./typescript-internals";

type TypeScript = typeof tsTypes;

/** The names that a cell uses and does not declare itself, in their order. */
export function freeNames(ts: TypeScript, source: string, kind: tsTypes.ScriptKind): Set<string> {
  const file = bound(ts, source, kind);
  const free = new Set<string>();
  const isHere = (name: tsTypes.Identifier): boolean => {
    for (let scope: tsTypes.Node | undefined = name; scope; scope = scope.parent)
      if (localsOf(scope as tsTypes.SourceFile)?.has(name.text)) return true;
    return false;
  };
  const visit = (node: tsTypes.Node): void => {
    if (ts.isIdentifier(node) && node.text && isUse(ts, node) && !isHere(node)) free.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return free;
}

/** Is it a package's or a file's, so that the cell's own text says nothing of what it does? */
export function isImported(ts: TypeScript, source: string, name: string, kind: tsTypes.ScriptKind): boolean {
  if (!source.includes("import")) return false;
  const symbol = localsOf(bound(ts, source, kind))?.get(name) as tsTypes.Symbol | undefined;
  return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
}
