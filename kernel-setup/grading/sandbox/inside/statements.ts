import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;

/** A statement, and what it names that has a value: no types, and nothing imported. */
export interface Statement {
  readonly text: string;
  readonly names: readonly string[];
  /**
   * It declares and does nothing else: imports, functions, classes, types, constants that need no computing.
   */
  readonly inert: boolean;
}

/** The statements of a cell, in order. */
export function statementsOf(ts: TypeScript, source: string): Statement[] {
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  return file.statements.map((statement) => ({
    text: statement.getText(file),
    names: namesOf(ts, statement),
    inert: isInert(ts, statement),
  }));
}

function namesOf(ts: TypeScript, statement: tsTypes.Statement): string[] {
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  )
    return statement.name ? [statement.name.text] : [];
  if (!ts.isVariableStatement(statement)) return [];
  const inName = (name: tsTypes.BindingName): string[] =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.flatMap((each) => (ts.isOmittedExpression(each) ? [] : inName(each.name)));
  return statement.declarationList.declarations.flatMap(({ name }) => inName(name));
}

function isInert(ts: TypeScript, statement: tsTypes.Statement): boolean {
  if (
    ts.isImportDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  )
    return true;
  if (ts.isEnumDeclaration(statement)) return true;
  if (ts.isClassDeclaration(statement))
    return !statement.members.some(
      (member) =>
        ts.isClassStaticBlockDeclaration(member) ||
        (ts.isPropertyDeclaration(member) &&
          member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword)),
    );
  return (
    ts.isVariableStatement(statement) &&
    statement.declarationList.declarations.every(
      ({ initializer }) => initializer === undefined || isValue(ts, initializer),
    )
  );
}

function isValue(ts: TypeScript, node: tsTypes.Expression): boolean {
  const all = (nodes: readonly tsTypes.Expression[]): boolean => nodes.every((each) => isValue(ts, each));
  if (
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isIdentifier(node) ||
    ts.isLiteralExpression(node)
  )
    return true;
  if ([ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind))
    return true;
  if (ts.isArrayLiteralExpression(node)) return all(node.elements);
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every((each) =>
      ts.isPropertyAssignment(each)
        ? isValue(ts, each.initializer)
        : ts.isShorthandPropertyAssignment(each) || ts.isMethodDeclaration(each),
    );
  if (ts.isPrefixUnaryExpression(node)) return isValue(ts, node.operand);
  if (ts.isBinaryExpression(node)) return !isAssignment(ts, node.operatorToken.kind) && all([node.left, node.right]);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return isValue(ts, node.expression);
  return false;
}

const isAssignment = (ts: TypeScript, kind: tsTypes.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
