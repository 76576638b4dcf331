// What earlier cells declared and a new cell does not: their declarations, as they were written.
import type * as tsTypes from "typescript";
import { CELL_PREFIX } from "./cell-programs";
import { isForOthers } from "./kept-declarations";
import { localsOf } from "./typescript-internals";

type TypeScript = typeof tsTypes;
type Statement = tsTypes.Statement;
type Symbol = tsTypes.Symbol;

/** What of a name stays: what it means among values, and among types. */
interface Staying {
  value: boolean;
  type: boolean;
}

/**
 * The declarations of earlier cells that still hold after the cell, which declares `names`. A name that the cell
 * declares again is gone where it means the same kind of thing; a class whose name is now a type alone stays a value,
 * of any type.
 *
 * The texts are taken as they are. To write them down again from the tree would take longer than to check the cell.
 */
export function remainingDeclarations(
  ts: TypeScript,
  checker: tsTypes.TypeChecker,
  cell: tsTypes.SourceFile,
  earlier: tsTypes.SourceFile,
  names: ReadonlySet<string>,
): string {
  const again = localsOf(cell) as Map<string, Symbol> | undefined;
  if (![...(again?.keys() ?? [])].some((name) => localsOf(earlier)?.has(name))) return bodyOf(earlier);
  const kept = new Map<Statement, Set<string>>();
  const values = new Set<string>();
  const ofAnyType = new Set<string>();
  const keep = (statement: Statement, name: string): void => {
    kept.set(statement, (kept.get(statement) ?? new Set()).add(name));
  };
  for (const [name, symbol] of (localsOf(earlier) ?? []) as Iterable<[string, Symbol]>) {
    const stays = staying(ts, checker, again?.get(name));
    if (!stays.type && !stays.value) continue;
    for (const declaration of symbol.declarations ?? []) {
      const statement = statementOf(declaration, earlier);
      if (ts.isVariableStatement(statement)) {
        if (!stays.value) continue;
        keep(statement, name);
        ofAnyType.delete(name);
        values.add(name);
      } else if (ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
        if (stays.type) keep(statement, name);
      } else if (ts.isFunctionDeclaration(statement)) {
        if (stays.value) keep(statement, name);
      } else if (ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) {
        if (stays.type && stays.value) keep(statement, name);
        else if (stays.value && !values.has(name)) ofAnyType.add(name);
      } else if (ts.isImportDeclaration(statement)) {
        const { flags } = checker.getAliasedSymbol(symbol);
        const isValue = (flags & ts.SymbolFlags.Value) !== 0,
          isType = (flags & ts.SymbolFlags.Type) !== 0;
        if ((stays.type && stays.value) || (stays.type ? !isValue : !isType)) keep(statement, name);
        else if (stays.value && isValue && !values.has(name)) ofAnyType.add(name);
      }
    }
  }
  return [
    ...earlier.statements.filter((each) => kept.has(each)).map((each) => textOf(ts, earlier, each, kept.get(each)!)),
    ...[...ofAnyType].map((name) => `declare let ${ts.unescapeLeadingUnderscores(name as tsTypes.__String)}: any;`),
  ]
    .concat(remainingModules(ts, earlier, names))
    .map((text) => `${text}\n`)
    .join("");
}

const bodyOf = ({ text }: tsTypes.SourceFile): string => text.slice(CELL_PREFIX.length);

/**
 * Namespaces and short names (`import short = Space.inner`) of earlier cells that the cell does not declare again, and
 * all that earlier cells declared for others.
 */
function remainingModules(ts: TypeScript, earlier: tsTypes.SourceFile, names: ReadonlySet<string>): string[] {
  return earlier.statements
    .filter((each) => {
      if (ts.isImportEqualsDeclaration(each)) return !names.has(each.name.text);
      return ts.isModuleDeclaration(each) && (isForOthers(ts, each) || !names.has(each.name.text));
    })
    .map((each) => each.getText(earlier));
}

function staying(ts: TypeScript, checker: tsTypes.TypeChecker, again: Symbol | undefined): Staying {
  if (!again) return { value: true, type: true };
  const { flags } = again.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(again) : again;
  return { value: (flags & ts.SymbolFlags.Value) === 0, type: (flags & ts.SymbolFlags.Type) === 0 };
}

function statementOf(declaration: tsTypes.Node, file: tsTypes.SourceFile): Statement {
  let node = declaration;
  while (node.parent !== file) node = node.parent;
  return node as Statement;
}

/** The statement's text, with its comment, as far as it declares these names. */
function textOf(ts: TypeScript, file: tsTypes.SourceFile, statement: Statement, names: ReadonlySet<string>): string {
  const isKept = ({ name }: { name?: tsTypes.Node }): boolean =>
    name !== undefined && ts.isIdentifier(name) && names.has(name.escapedText as string);
  if (ts.isVariableStatement(statement)) {
    const all = statement.declarationList.declarations;
    const some = all.filter(isKept);
    if (some.length < all.length) {
      const start = file.text.slice(statement.pos, all[0].getStart(file)).trimStart();
      return `${start}${some.map((each) => each.getText(file)).join(", ")};`;
    }
  }
  if (ts.isImportDeclaration(statement)) {
    const { name, namedBindings, phaseModifier } = statement.importClause!;
    const parts = [name && isKept({ name }) ? name.text : ""];
    if (namedBindings && ts.isNamespaceImport(namedBindings) && isKept(namedBindings))
      parts.push(namedBindings.getText(file));
    if (namedBindings && ts.isNamedImports(namedBindings)) {
      const some = namedBindings.elements.filter(isKept);
      if (some.length > 0) parts.push(`{ ${some.map((each) => each.getText(file)).join(", ")} }`);
    }
    const isTypeOnly = phaseModifier === ts.SyntaxKind.TypeKeyword;
    const module = file.text.slice(statement.moduleSpecifier.getStart(file), statement.end);
    return `import ${isTypeOnly ? "type " : ""}${parts.filter((each) => each !== "").join(", ")} from ${module}`;
  }
  return statement.getFullText(file).trim();
}
