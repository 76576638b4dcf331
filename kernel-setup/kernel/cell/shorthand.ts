import type * as tsForTslab from "@tslab/typescript-for-tslab";

type TypeScript = typeof tsForTslab;

/*
 * The converter writes `exports.a` for a name `a` of an earlier cell, but does not know `{ a }`: there the checker
 * answers with the property, not with the variable that gives it its value, and there is no place for `exports.a`.
 */

/** Lets `checker` answer with the variable when it is asked about the name in `{ name }`. */
export function seeThroughShorthand(ts: TypeScript, checker: tsForTslab.TypeChecker): tsForTslab.TypeChecker {
  const getSymbolAtLocation = checker.getSymbolAtLocation;
  return {
    ...checker,
    getSymbolAtLocation: (node) => (node.parent && ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : getSymbolAtLocation(node)),
  };
}

/** A `visitEachChild` that writes `{ name }` as `{ name: value }` where the visitor puts something else in the name's place. */
export function visitorOfShorthand(ts: TypeScript): TypeScript["visitEachChild"] {
  const { visitEachChild, factory } = ts;
  return ((node: tsForTslab.Node, visitor: (node: tsForTslab.Node) => tsForTslab.Node, ...rest: [tsForTslab.TransformationContext]) => {
    if (!node || !ts.isShorthandPropertyAssignment(node)) return visitEachChild(node, visitor, ...rest);
    const value = visitor(node.name) as tsForTslab.Expression;
    if (value === node.name) return visitEachChild(node, visitor, ...rest);
    const fallback = node.objectAssignmentInitializer && visitor(node.objectAssignmentInitializer) as tsForTslab.Expression;
    const property = factory.createPropertyAssignment(factory.createIdentifier(node.name.text), fallback ? factory.createAssignment(value, fallback) : value);
    return ts.setTextRange(property, node);
  }) as TypeScript["visitEachChild"];
}
