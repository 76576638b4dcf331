import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;
type Node = tsTypes.Node;

/** Functions of TypeScript's language service that it exports undocumented. */
interface Internals {
  getTouchingPropertyName(file: tsTypes.SourceFile, position: number): Node;
  getContainerNode(node: Node): Node | undefined;
  isLabelName(node: Node): boolean;
  isTagName(node: Node): boolean;
  isInComment(file: tsTypes.SourceFile, position: number): unknown;
  getContainingObjectLiteralElement(
    node: Node,
  ): (tsTypes.ObjectLiteralElement & { parent: tsTypes.ObjectLiteralExpression }) | undefined;
  getPropertySymbolsFromContextualType(
    element: Node,
    checker: tsTypes.TypeChecker,
    type: tsTypes.Type,
    unionSymbolOk: boolean,
  ): readonly tsTypes.Symbol[];
  typeToDisplayParts(checker: tsTypes.TypeChecker, type: tsTypes.Type, container?: Node): tsTypes.SymbolDisplayPart[];
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: tsTypes.TypeChecker,
      symbol: tsTypes.Symbol,
      file: tsTypes.SourceFile,
      container: Node | undefined,
      node: Node,
    ): Pick<tsTypes.QuickInfo, "displayParts" | "documentation" | "tags"> & { symbolKind: tsTypes.ScriptElementKind };
    getSymbolModifiers(checker: tsTypes.TypeChecker, symbol: tsTypes.Symbol): string;
  };
}

/**
 * Type and documentation of what stands at a place. TypeScript offers this through a language service only, which
 * would keep a second program.
 */
export function quickInfoAt(
  ts: TypeScript,
  file: tsTypes.SourceFile,
  checker: tsTypes.TypeChecker,
  token: tsTypes.CancellationToken,
  position: number,
): tsTypes.QuickInfo | undefined {
  const inside = ts as unknown as Internals;
  const touched = inside.getTouchingPropertyName(file, position);
  if (touched === file) return undefined;
  const node = described(ts, touched);
  const textSpan = ts.createTextSpanFromBounds(node.getStart(file), node.getEnd());
  const symbol = symbolAt(inside, checker, node);
  if (!symbol || checker.isUnknownSymbol(symbol)) {
    if (!hasType(ts, inside, node, file, position)) return undefined;
    const type = checker.getTypeAtLocation(node);
    return {
      kind: ts.ScriptElementKind.unknown,
      kindModifiers: "",
      textSpan,
      displayParts: checker.runWithCancellationToken(token, (each) =>
        inside.typeToDisplayParts(each, type, inside.getContainerNode(node)),
      ),
      documentation: type.symbol?.getDocumentationComment(checker),
      tags: type.symbol?.getJsDocTags(checker),
    };
  }
  const { symbolKind, ...shown } = checker.runWithCancellationToken(token, (each) =>
    inside.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
      each,
      symbol,
      file,
      inside.getContainerNode(node),
      node,
    ),
  );
  return {
    kind: symbolKind,
    kindModifiers: inside.SymbolDisplay.getSymbolModifiers(checker, symbol),
    textSpan,
    ...shown,
  };
}

/** Of `new` the class, of a name in a longer one the whole. */
function described(ts: TypeScript, node: Node): Node {
  const { parent } = node;
  if (ts.isNewExpression(parent) && node.pos === parent.pos) return parent.expression;
  if (ts.isNamedTupleMember(parent) && node.pos === parent.pos) return parent;
  if (ts.isMetaProperty(parent) && parent.name === node) return parent;
  return node;
}

/** A property of an object literal means the one that the expected type declares. */
function symbolAt(inside: Internals, checker: tsTypes.TypeChecker, node: Node): tsTypes.Symbol | undefined {
  const element = inside.getContainingObjectLiteralElement(node);
  const expected = element && checker.getContextualType(element.parent);
  const properties =
    element && expected ? inside.getPropertySymbolsFromContextualType(element, checker, expected, false) : [];
  return properties.length === 1 ? properties[0] : checker.getSymbolAtLocation(node);
}

function hasType(ts: TypeScript, inside: Internals, node: Node, file: tsTypes.SourceFile, position: number): boolean {
  if (ts.isIdentifier(node))
    return !inside.isLabelName(node) && !inside.isTagName(node) && !ts.isConstTypeReference(node.parent);
  if (ts.isPropertyAccessExpression(node) || ts.isQualifiedName(node)) return !inside.isInComment(file, position);
  const { ThisKeyword, ThisType, SuperKeyword, NamedTupleMember } = ts.SyntaxKind;
  return [ThisKeyword, ThisType, SuperKeyword, NamedTupleMember].includes(node.kind) || ts.isMetaProperty(node);
}
