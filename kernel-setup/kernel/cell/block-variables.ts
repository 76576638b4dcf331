// Variables of a cell's blocks and loops: `var` is the cell's, `let` and `const` may hide one of the cell's.
import type * as tsTypes from "typescript";
import { localsOf } from "./typescript-internals";

type TypeScript = typeof tsTypes;
type Node = tsTypes.Node;

/** Stands in statements that the kernel adds to a cell: what the cell ends with is before them. */
export const ADDED = "/* added */ ";
export const ADDED_STATEMENT = /^(var|const) \/\* added \*\//;
const OUTER_VARS = `var ${ADDED}`;
/** "Subsequent variable declarations must have the same type." */
const OTHER_TYPE = 2403;

/**
 * The cell with each `var` of its blocks and loops declared once more at its end. The compiler would leave them out of
 * what later cells know, because it writes down the declarations of top-level statements only.
 */
export function withOuterVars(ts: TypeScript, source: string, kind: tsTypes.ScriptKind): string {
  if (!/\bvar\b/.test(source)) return source;
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.ES2022, false, kind);
  const inner = new Set<string>();
  const outer = new Set<string>();
  const add = (name: tsTypes.BindingName, to: Set<string>): void => {
    if (ts.isIdentifier(name)) to.add(name.text);
    else name.elements.forEach((each) => !ts.isOmittedExpression(each) && add(each.name, to));
  };
  const visit = (node: Node, to: Set<string>): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped))
      for (const { name } of node.declarations) add(name, to);
    ts.forEachChild(node, (each) => visit(each, inner));
  };
  for (const each of file.statements)
    if (ts.isVariableStatement(each)) visit(each.declarationList, outer);
    else visit(each, inner);
  const names = [...inner].filter((name) => !outer.has(name));
  return names.length > 0 ? `${source}\n${OUTER_VARS}${names.join(", ")};` : source;
}

/** Is it about a variable that `withOuterVars` declared once more, without the type that it has? */
export function isOfOuterVar({ code, file, start = 0 }: tsTypes.Diagnostic): boolean {
  return code === OTHER_TYPE && file !== undefined && file.text.lastIndexOf(`\n${OUTER_VARS}`, start) >= 0;
}

/**
 * Variables of blocks that have the name of a variable of the cell. The compiler knows those it exports by their names
 * only, and would export these, too.
 */
export function hidingSymbols(
  ts: TypeScript,
  checker: tsTypes.TypeChecker,
  file: tsTypes.SourceFile,
): Map<tsTypes.Symbol, tsTypes.Identifier> {
  const found = new Map<tsTypes.Symbol, tsTypes.Identifier>();
  const locals = localsOf(file);
  const add = (name: tsTypes.BindingName): void => {
    if (!ts.isIdentifier(name))
      return name.elements.forEach((each) => {
        if (!ts.isOmittedExpression(each)) add(each.name);
      });
    const symbol = locals?.has(name.text) ? checker.getSymbolAtLocation(name) : undefined;
    if (symbol) found.set(symbol, name);
  };
  const visit = (node: Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.BlockScoped)
      for (const { name } of node.declarations) add(name);
    ts.forEachChild(node, visit);
  };
  for (const each of file.statements) if (!ts.isVariableStatement(each)) visit(each);
  return found;
}
