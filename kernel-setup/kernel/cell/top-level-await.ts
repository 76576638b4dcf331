import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;

/** Does the text, of a cell or a file, wait at its top level, so that it must run inside an async function? */
export function awaitsAtTopLevel(ts: TypeScript, source: string, fileName: string, kind?: tsTypes.ScriptKind): boolean {
  if (!/\bawait\b/.test(source)) return false;
  const file = ts.createSourceFile(fileName, `export {};\n${source}`, ts.ScriptTarget.ESNext, false, kind);
  const visit = (node: tsTypes.Node): boolean => {
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return true;
    if (ts.isVariableDeclarationList(node) && isAwaitUsing(ts, node)) return true;
    if (ts.isFunctionLike(node)) return false;
    if (ts.isClassStaticBlockDeclaration(node) || ts.isPropertyDeclaration(node)) return false;
    return ts.forEachChild(node, visit) ?? false;
  };
  return visit(file);
}

/** `await using` has the bits of `const` and of `using`. */
export function isAwaitUsing(ts: TypeScript, { flags }: tsTypes.VariableDeclarationList): boolean {
  return (flags & Number(ts.NodeFlags.AwaitUsing)) === Number(ts.NodeFlags.AwaitUsing);
}
