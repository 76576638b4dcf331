import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;
type Node = tsTypes.Node;

/**
 * `import(…)` and `import.meta` exist in ES modules only, and cells run as something else: they become calls of what
 * the
 * kernel's `require` offers.
 */
export function moduleSyntax(ts: TypeScript): tsTypes.TransformerFactory<tsTypes.SourceFile> {
  return (context) => (file) => {
    const { factory } = ts;
    const member = (name: string, place: Node): tsTypes.Expression =>
      ts.setTextRange(factory.createPropertyAccessExpression(factory.createIdentifier("require"), name), place);
    const visit = (node: Node): Node => {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
        const [name] = node.arguments;
        return ts.setTextRange(
          factory.createCallExpression(member("import", node), undefined, [
            ts.visitNode(name, visit) as tsTypes.Expression,
          ]),
          node,
        );
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return member("meta", node);
      return ts.visitEachChild(node, visit, context);
    };
    return ts.visitEachChild(file, visit, context);
  };
}
