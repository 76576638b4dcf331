// What a cell declares, and how later cells see it: as variables that are shared.
import type * as tsTypes from "typescript";

import { ADDED_STATEMENT, hidingSymbols } from "./block-variables";
import { isForOthers } from "./kept-declarations";
import { internals, localsOf } from "./typescript-internals";

type TypeScript = typeof tsTypes;

const OPTIONS = { target: 9, module: 99 };

/** A cell's text as a tree in which each scope knows its names. */
export function bound(ts: TypeScript, source: string, kind: tsTypes.ScriptKind): tsTypes.SourceFile {
  const file = ts.createSourceFile("cell.ts", `export {};\n${source}`, ts.ScriptTarget.ES2022, true, kind);
  internals(ts).bindSourceFile(file, OPTIONS);
  return file;
}

/** The names a cell declares, types included. */
export function declaredNames(ts: TypeScript, source: string, kind: tsTypes.ScriptKind): Set<string> {
  const file = bound(ts, source, kind);
  // The compiler's internal names have a third underscore before two; `declare global` is bound as one of these.
  const names = [...(localsOf(file)?.keys() ?? [])].filter((name) => name !== "__global");
  return new Set(names.map((name) => name.replace(/^___/, "__")));
}

/** The cell with an export of every name it declares at its end. */
export function withExports(source: string, names: ReadonlySet<string>): string {
  return `${source}\nexport {${[...names].join(", ")}}`;
}

/** The value that a cell ends with. */
export interface LastExpression {
  /** The property that holds it. */
  name: string;
  /** It is written as an element of JSX. */
  isElement: boolean;
}

type Node = tsTypes.Node;
type Factory = tsTypes.TransformerFactory<tsTypes.SourceFile>;

/**
 * The compiled cell keeps each variable twice, as a local and as a property of `exports`, and a function would go on
 * using the local after a later cell assigned or redefined the name. So every use is made a use of the property: all
 * cells then mean the same variable, as in every other notebook language.
 */
export function shareVariables(
  ts: TypeScript,
  checker: tsTypes.TypeChecker,
  onLastExpression: (last: LastExpression) => void,
): Factory {
  const { factory } = ts;
  return (context) => (file) => {
    const shared = sharedSymbols(ts, checker, file);
    const functions = file.statements.filter(
      (each): each is tsTypes.FunctionDeclaration & { name: tsTypes.Identifier } =>
        ts.isFunctionDeclaration(each) && each.name !== undefined && each.body !== undefined,
    );

    /** What the cell only says that there is (`declare const a: number`) is a variable of everybody's. */
    const ambient = ambientNames(ts, checker, file);
    const withoutAmbient = (node: tsTypes.ExportDeclaration): tsTypes.ExportDeclaration => {
      if (ambient.size === 0 || !node.exportClause || !ts.isNamedExports(node.exportClause)) return node;
      const kept = node.exportClause.elements.filter(({ name }) => !ambient.has(name.text));
      const clause = factory.updateNamedExports(node.exportClause, kept);
      return factory.updateExportDeclaration(node, undefined, node.isTypeOnly, clause, undefined, undefined);
    };
    const hiding = hidingSymbols(ts, checker, file);
    /** Another name for a block's own variable that hides one of the cell's. */
    const renamed = (symbol: tsTypes.Symbol | undefined): tsTypes.Identifier | undefined => {
      const name = symbol && hiding.get(symbol);
      return name && factory.getGeneratedNameForNode(name);
    };
    let hasElements = false;
    /** `exports.name`, or nothing where the name itself must stay. */
    const property = (name: tsTypes.Identifier, symbol: tsTypes.Symbol | undefined): tsTypes.Expression | undefined => {
      const home = symbol && (shared.get(symbol) ?? (isEarlier(ts, symbol) ? NOWHERE : undefined));
      if (!home || isWithin(name, home)) return undefined;
      const access = factory.createPropertyAccessExpression(
        factory.createIdentifier("exports"),
        factory.createIdentifier(name.text),
      );
      return ts.setTextRange(access, name);
    };
    const visit = (node: Node): Node | undefined => {
      // What a class extends is an expression, too.
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
      if (ts.isExportDeclaration(node)) return withoutAmbient(node);
      if (ts.isImportDeclaration(node)) return node;
      if (ts.isImportEqualsDeclaration(node))
        return ts.isExternalModuleReference(node.moduleReference) ? node : alias(node);
      if (ts.isShorthandPropertyAssignment(node)) return shorthand(node);
      hasElements ||= ts.isJsxOpeningLikeElement(node) || ts.isJsxFragment(node);
      // The compiler would put the declaration between the label and its loop.
      if (ts.isForStatement(node) && ts.isLabeledStatement(node.parent) && node.initializer) {
        const first = assigned(node.initializer);
        if (first)
          return ts.visitEachChild(
            factory.updateForStatement(node, first, node.condition, node.incrementor, node.statement),
            (each) => (each === first ? each : visit(each)),
            context,
          );
      }
      // The function of a call is no method of `exports`.
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const called = property(node.expression, checker.getSymbolAtLocation(node.expression));
        const visited = ts.visitEachChild(node, visit, context);
        if (!called) return visited;
        const plain = factory.createParenthesizedExpression(
          factory.createComma(factory.createNumericLiteral(0), called),
        );
        // V8 gives the bracket after it as the place of the call.
        const start = node.expression.getStart(file);
        ts.setSourceMapRange(plain, { pos: start, end: start });
        return factory.updateCallExpression(visited, plain, visited.typeArguments, visited.arguments);
      }
      // `f = () => 1` names the function, `exports.f = () => 1` would not.
      if (ts.isBinaryExpression(node) && ts.isIdentifier(node.left) && isNameless(ts, node.right)) {
        const target = property(node.left, checker.getSymbolAtLocation(node.left));
        if (target && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
          return factory.updateBinaryExpression(
            node,
            target as tsTypes.Identifier,
            node.operatorToken,
            named(node.left.text, ts.visitNode(node.right, visit) as tsTypes.Expression),
          );
      }
      if (hiding.size > 0 && ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
        const { propertyName, name, dotDotDotToken: rest } = node;
        const isShort = !propertyName && !rest && ts.isIdentifier(name);
        const other = isShort ? renamed(checker.getSymbolAtLocation(name)) : undefined;
        const initial = node.initializer && (ts.visitNode(node.initializer, visit) as tsTypes.Expression);
        if (isShort && other)
          return factory.updateBindingElement(node, rest, factory.createIdentifier(name.text), other, initial);
      }
      if (ts.isIdentifier(node) && hiding.size > 0) {
        const other = renamed(checker.getSymbolAtLocation(node));
        if (other) return other;
      }
      if (ts.isIdentifier(node))
        return isUse(ts, node) ? (property(node, checker.getSymbolAtLocation(node)) ?? node) : node;
      return ts.visitEachChild(node, visit, context);
    };
    /** `var a = 1, b = 2` as `exports.a = 1, exports.b = 2`, if all are variables of the cell. */
    const assigned = (list: tsTypes.ForInitializer): tsTypes.Expression | undefined => {
      if (!ts.isVariableDeclarationList(list)) return undefined;
      const all = list.declarations.map(({ name, initializer }) => {
        const target = ts.isIdentifier(name) ? property(name, checker.getSymbolAtLocation(name)) : undefined;
        const value = ts.visitNode(initializer, visit) as tsTypes.Expression | undefined;
        return target && (value ? factory.createAssignment(target, value) : target);
      });
      return all.every((each) => each !== undefined)
        ? all.reduce((before, each) => factory.createComma(before, each))
        : undefined;
    };
    /**
     * `import short = Space.inner`, where the space may be an earlier cell's: a variable, or nothing if it is a type.
     */
    const alias = (node: tsTypes.ImportEqualsDeclaration): Node | undefined => {
      const symbol = checker.getSymbolAtLocation(node.name);
      if (!symbol || !(checker.getAliasedSymbol(symbol).flags & Number(ts.SymbolFlags.Value))) return undefined;
      const value = (name: tsTypes.EntityName): tsTypes.Expression =>
        ts.isIdentifier(name)
          ? (property(name, checker.getSymbolAtLocation(name)) ?? name)
          : factory.createPropertyAccessExpression(value(name.left), name.right);
      const meant = value(node.moduleReference as tsTypes.EntityName);
      const made = factory.createVariableDeclaration(node.name, undefined, undefined, meant);
      const list = factory.createVariableDeclarationList([made], ts.NodeFlags.Const);
      return ts.setTextRange(factory.createVariableStatement(undefined, list), node);
    };
    const shorthand = (node: tsTypes.ShorthandPropertyAssignment): Node => {
      const symbol = checker.getShorthandAssignmentValueSymbol(node);
      const value = property(node.name, symbol) ?? renamed(symbol);
      if (!value) return ts.visitEachChild(node, visit, context);
      const fallback =
        node.objectAssignmentInitializer &&
        (ts.visitNode(node.objectAssignmentInitializer, visit) as tsTypes.Expression);
      return ts.setTextRange(
        factory.createPropertyAssignment(
          factory.createIdentifier(node.name.text),
          fallback ? factory.createAssignment(value, fallback) : value,
        ),
        node,
      );
    };
    /** The last expression's value, as a property that the kernel takes away. */
    const kept = (statement: tsTypes.ExpressionStatement): tsTypes.Statement => {
      let name = "tsLastExpr";
      for (let n = 0; localsOf(file)?.has(name); n++) name = `tsLastExpr${n}`;
      onLastExpression({ name, isElement: isElement(ts, statement.expression) });
      const property = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);
      return ts.setTextRange(
        factory.createExpressionStatement(factory.createAssignment(property, statement.expression)),
        statement,
      );
    };
    const named = (name: string, value: tsTypes.Expression): tsTypes.Expression =>
      factory.createElementAccessExpression(
        factory.createParenthesizedExpression(
          factory.createObjectLiteralExpression([
            factory.createPropertyAssignment(factory.createStringLiteral(name), value),
          ]),
        ),
        factory.createStringLiteral(name),
      );
    // Functions may be called above their declaration.
    const hoisted = functions.map(({ name }) =>
      factory.createExpressionStatement(
        factory.createAssignment(
          factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name.text),
          factory.createIdentifier(name.text),
        ),
      ),
    );
    /** `require.define(exports, "name", { get: () => name })`: later cells see what it is then. */
    const lookedUp = [...ambient].map((name) => {
      const value = factory.createIdentifier(name);
      const get = factory.createArrowFunction(undefined, undefined, [], undefined, undefined, value);
      const define = factory.createPropertyAccessExpression(factory.createIdentifier("require"), "define");
      const made = factory.createObjectLiteralExpression([factory.createPropertyAssignment("get", get)]);
      return factory.createExpressionStatement(
        factory.createCallExpression(define, undefined, [
          factory.createIdentifier("exports"),
          factory.createStringLiteral(name),
          made,
        ]),
      );
    });
    /** What elements are made by is written after this step, and may be of an earlier cell. */
    const makers = (): tsTypes.Statement[] =>
      elementMakers(ts, context.getCompilerOptions())
        .filter((name) => !localsOf(file)?.has(name))
        .map((name) => {
          const of = (object: string): tsTypes.Expression =>
            factory.createPropertyAccessExpression(factory.createIdentifier(object), name);
          const value = factory.createLogicalOr(of("exports"), of("globalThis"));
          const made = factory.createVariableDeclaration(name, undefined, undefined, value);
          return factory.createVariableStatement(undefined, [made]);
        });
    const last = lastExpression(ts, file);
    const statements = file.statements
      .flatMap((statement) => separated(ts, statement))
      .flatMap((statement) => {
        const visited = visit(statement) as tsTypes.Statement | undefined;
        if (!visited) return [];
        return statement === last ? kept(visited as tsTypes.ExpressionStatement) : visited;
      });
    return factory.updateSourceFile(
      file,
      ts.setTextRange(
        factory.createNodeArray([...(hasElements ? makers() : []), ...lookedUp, ...hoisted, ...statements]),
        file.statements,
      ),
    );
  };
}

/** What the cell's own statements declare, and for each the part of the text in which its property is not there yet. */
function sharedSymbols(
  ts: TypeScript,
  checker: tsTypes.TypeChecker,
  file: tsTypes.SourceFile,
): Map<tsTypes.Symbol, Node | typeof NOWHERE> {
  const shared = new Map<tsTypes.Symbol, Node | typeof NOWHERE>();
  const add = (name: tsTypes.BindingName, home: Node | typeof NOWHERE): void => {
    if (!ts.isIdentifier(name))
      return name.elements.forEach((element) => {
        if (!ts.isOmittedExpression(element)) add(element.name, home);
      });
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol) shared.set(symbol, home);
  };
  for (const statement of file.statements) {
    if (
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
    )
      continue;
    if (ts.isVariableStatement(statement))
      for (const each of statement.declarationList.declarations)
        add(each.name, ts.isIdentifier(each.name) ? NOWHERE : each.name);
    else if (ts.isFunctionDeclaration(statement) && statement.name) add(statement.name, NOWHERE);
    else if (ts.isClassDeclaration(statement) && statement.name) add(statement.name, statement);
  }
  return shared;
}

/** The names of values that the cell declares with `declare` alone. */
function ambientNames(ts: TypeScript, checker: tsTypes.TypeChecker, file: tsTypes.SourceFile): Set<string> {
  const found = new Set<string>();
  if (!/\bdeclare\b/.test(file.text)) return found;
  for (const [name, { declarations = [], flags }] of (localsOf(file) ?? []) as Iterable<[string, tsTypes.Symbol]>) {
    const values = declarations.filter((each) => !ts.isInterfaceDeclaration(each) && !ts.isTypeAliasDeclaration(each));
    const isAmbient = (each: tsTypes.Declaration): boolean =>
      (ts.getCombinedModifierFlags(each) & ts.ModifierFlags.Ambient) !== 0;
    if ((flags & ts.SymbolFlags.Value) !== 0 && values.length > 0 && values.every(isAmbient))
      found.add(name.replace(/^___/, "__"));
  }
  return found;
}

/** The expression that a cell ends with, though declarations of types may follow. */
function lastExpression(ts: TypeScript, file: tsTypes.SourceFile): tsTypes.Statement | undefined {
  for (const each of [...file.statements].reverse()) {
    if (ts.isExpressionStatement(each)) return each;
    if (ADDED_STATEMENT.test(each.getText(file))) continue;
    if (!(ts.isExportDeclaration(each) || ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each))) break;
  }
  return undefined;
}

/** The functions that elements of JSX become calls of, by the first word of their names. */
function elementMakers(ts: TypeScript, options: tsTypes.CompilerOptions): string[] {
  if (options.jsx !== ts.JsxEmit.React) return [];
  const { jsxFactory = `${options.reactNamespace ?? "React"}.createElement`, jsxFragmentFactory } = options;
  return [...new Set([jsxFactory, jsxFragmentFactory ?? jsxFactory].map((each) => each.split(".")[0]))];
}

function isElement(ts: TypeScript, expression: tsTypes.Expression): boolean {
  if (ts.isParenthesizedExpression(expression)) return isElement(ts, expression.expression);
  return ts.isJsxElement(expression) || ts.isJsxSelfClosingElement(expression) || ts.isJsxFragment(expression);
}

const NOWHERE = Symbol("nowhere");

/** Was it declared by an earlier cell? tslab keeps those declarations in a file of this name. */
function isEarlier(ts: TypeScript, { declarations = [] }: tsTypes.Symbol): boolean {
  return declarations.some((each) => {
    if (!each.getSourceFile().fileName.endsWith("/__prev__.d.ts")) return false;
    for (let node: Node = each; node.parent; node = node.parent)
      if (ts.isModuleDeclaration(node) && isForOthers(ts, node)) return false;
    return true;
  });
}

function isWithin(node: Node, home: Node | typeof NOWHERE): boolean {
  if (home === NOWHERE) return false;
  for (let each: Node | undefined = node; each; each = each.parent) if (each === home) return true;
  return false;
}

/** `const a = 1, b = a` as two statements, because a variable's property exists from the end of its statement on. */
function separated(ts: TypeScript, statement: tsTypes.Statement): tsTypes.Statement[] {
  if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length < 2) return [statement];
  const { factory } = ts;
  return statement.declarationList.declarations.map((declaration) =>
    ts.setTextRange(
      factory.createVariableStatement(
        statement.modifiers,
        factory.createVariableDeclarationList([declaration], statement.declarationList.flags),
      ),
      declaration,
    ),
  );
}

/** A function or class that takes its name from what it is assigned to. */
const isNameless = (ts: TypeScript, node: Node): boolean =>
  ts.isArrowFunction(node) || ((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && !node.name);

/** Does the identifier stand for a value, not for the name of something? */
export function isUse(ts: TypeScript, node: tsTypes.Identifier): boolean {
  const { parent } = node;
  if (!parent) return false;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent))
    return (parent as { name: Node }).name !== node;
  if (ts.isBindingElement(parent))
    return parent.initializer === node || (parent.propertyName !== node && parent.name !== node);
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isQualifiedName(parent))
    return false;
  if (ts.isJsxAttribute(parent) || ts.isExportSpecifier(parent) || ts.isImportSpecifier(parent)) return false;
  const { name, initializer } = parent as { name?: Node; initializer?: Node };
  return name !== node || initializer === node;
}
