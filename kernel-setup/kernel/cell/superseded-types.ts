// Types that a later cell declares again, and variables that a cell did not come to declare.
import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;
type Statement = tsTypes.Statement;
type TypeStatement =
  tsTypes.ClassDeclaration | tsTypes.InterfaceDeclaration | tsTypes.TypeAliasDeclaration | tsTypes.EnumDeclaration;

/** Marks the name of a type that a later cell declared again, in error messages too: `Animalᵒˡᵈ`. */
const OLD = "ᵒˡᵈ";
const OLD_NAME = new RegExp(`^(.+)${OLD}\\d*$`, "u");

export const isSuperseded = (name: string): boolean => OLD_NAME.test(name);

/**
 * When a cell declares a class or type again, earlier values are still of the old one: `declarations` with the old one
 * under another name wherever something that stays needs it. Those that nothing needs any more are left out.
 */
export function setTypesAside(ts: TypeScript, declarations: string, declared: ReadonlySet<string>): string {
  if (!declarations.includes(OLD) && !typeNames(declarations).some((name) => declared.has(name))) return declarations;
  const file = parse(ts, declarations);
  const types = file.statements.filter((each): each is TypeStatement => isType(ts, each));
  const affected = types.filter(({ name }) => name && (declared.has(name.text) || isSuperseded(name.text)));
  if (affected.length === 0) return declarations;

  const used = namesUsedBy(
    ts,
    file.statements.filter((each) => !isReplaced(ts, each, declared) && !affected.includes(each as TypeStatement)),
  );
  // What is kept may need others of them.
  for (let before = -1; before !== used.size;) {
    before = used.size;
    for (const each of affected)
      if (used.has(each.name!.text)) for (const name of namesUsedBy(ts, [each])) used.add(name);
  }
  const renamed = new Map<string, string>();
  for (const { name } of affected)
    if (used.has(name!.text) && declared.has(name!.text)) renamed.set(name!.text, freshName(name!.text, declarations));
  const dropped = affected.filter(({ name }) => isSuperseded(name!.text) && !used.has(name!.text));
  return rewritten(
    ts,
    file,
    renamed,
    dropped,
    (statement) => !isReplaced(ts, statement, declared) || affected.includes(statement as TypeStatement),
  );
}

/** The names of types that are declared, and perhaps others: they are looked for without reading the text. */
const typeNames = (declarations: string): string[] => [...declarations.matchAll(TYPES)].map(([, name]) => name);
const TYPES = /\b(?:class|interface|type|enum)\s+([\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)/gu;

/** Once the cell is compiled: a type that was declared again word for word is the same one. */
export function reunite(ts: TypeScript, declarations: string): string {
  if (!declarations.includes(OLD)) return declarations;
  const file = parse(ts, declarations);
  const texts = new Map<string, string>();
  for (const each of file.statements)
    if (isType(ts, each) && each.name) texts.set(each.name.text, normal(each.getText(file)));
  const same = new Map<string, string>();
  for (const [name, text] of texts) {
    const current = OLD_NAME.exec(name)?.[1];
    if (current && texts.get(current) === normal(text.replaceAll(name, current))) same.set(name, current);
  }
  if (same.size === 0) return declarations;
  return rewritten(
    ts,
    file,
    same,
    file.statements.filter((each) => isType(ts, each) && same.has(each.name!.text)),
    () => true,
  );
}

const parse = (ts: TypeScript, text: string): tsTypes.SourceFile =>
  ts.createSourceFile("declared.d.ts", text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
const normal = (text: string): string => text.replace(/\b(export|declare) /g, "").replace(/\s+/g, " ");

function isType(ts: TypeScript, node: Statement): node is TypeStatement {
  return (
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node)
  );
}

/** Does the cell declare all of the statement's names again, so that nothing of it stays? */
function isReplaced(ts: TypeScript, node: Statement, declared: ReadonlySet<string>): boolean {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.every(({ name }) => ts.isIdentifier(name) && declared.has(name.text));
  const { name } = node as { name?: tsTypes.Node };
  return name !== undefined && ts.isIdentifier(name) && declared.has(name.text);
}

function references(ts: TypeScript, node: tsTypes.Node, found: tsTypes.Identifier[] = []): tsTypes.Identifier[] {
  if (ts.isIdentifier(node)) {
    const { parent } = node;
    const isReference =
      (ts.isTypeReferenceNode(parent) && parent.typeName === node) ||
      (ts.isExpressionWithTypeArguments(parent) && parent.expression === node) ||
      (ts.isTypeQueryNode(parent) && parent.exprName === node) ||
      (ts.isQualifiedName(parent) && parent.left === node);
    if (isReference) found.push(node);
  }
  ts.forEachChild(node, (child) => {
    references(ts, child, found);
  });
  return found;
}

function namesUsedBy(ts: TypeScript, statements: readonly Statement[]): Set<string> {
  return new Set(statements.flatMap((each) => references(ts, each)).map(({ text }) => text));
}

function freshName(name: string, text: string): string {
  const base = OLD_NAME.exec(name)?.[1] ?? name;
  for (let n = 1; ; n++) {
    const fresh = `${base}${OLD}${n === 1 ? "" : n}`;
    if (!new RegExp(`${fresh}(?![\\p{L}\\d])`, "u").test(text)) return fresh;
  }
}

/** The text with the references and declarations of some types renamed, and some statements left out. */
function rewritten(
  ts: TypeScript,
  file: tsTypes.SourceFile,
  names: ReadonlyMap<string, string>,
  dropped: readonly Statement[],
  applies: (statement: Statement) => boolean,
): string {
  const edits: { start: number; end: number; text: string }[] = dropped.map((each) => ({
    start: each.getFullStart(),
    end: each.end,
    text: "",
  }));
  for (const statement of file.statements) {
    if (dropped.includes(statement) || !applies(statement)) continue;
    const places = references(ts, statement);
    if (isType(ts, statement) && statement.name) places.push(statement.name);
    for (const place of places) {
      const text = names.get(place.text);
      if (text) edits.push({ start: place.getStart(file), end: place.end, text });
    }
  }
  edits.sort((a, b) => b.start - a.start);
  return edits.reduce((text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end), file.text);
}

/** The declarations with variables of any type in place of whatever had these names. */
export function withAny(ts: TypeScript, declarations: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return declarations;
  const file = parse(ts, declarations);
  const kept = file.statements.flatMap((statement) => {
    if (!ts.isVariableStatement(statement))
      return isReplaced(ts, statement, names) ? [] : [statement.getFullText(file)];
    const keyword = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
    const variables = statement.declarationList.declarations.filter(({ name }) => !names.has(name.getText(file)));
    return variables.map((variable) => `declare ${keyword} ${variable.getText(file)};`);
  });
  return [...kept, ...[...names].map((name) => `declare let ${name}: any;`)].join("\n");
}

/**
 * Of the declarations of a cell that failed half-way, those whose variables it reached. The functions and values that
 * stood before the error stay usable, as in every other notebook language. `names`: those the cell declares.
 */
export function definedDeclarations(
  ts: typeof tsTypes,
  declarations: string,
  names: ReadonlySet<string>,
  values: Record<string, unknown>,
): string {
  const file = ts.createSourceFile("declared.d.ts", declarations, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  const defined = (name: tsTypes.Node | undefined): boolean =>
    name === undefined ||
    !ts.isIdentifier(name) ||
    !names.has(name.text) ||
    hasValue(values, name.text) ||
    isSuperseded(name.text);
  const kept = file.statements.map((statement) => {
    if (ts.isVariableStatement(statement)) {
      const keyword = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
      const variables = statement.declarationList.declarations.filter(({ name }) => defined(name));
      return variables.map((variable) => `declare ${keyword} ${variable.getText(file)};`).join("\n");
    }
    const isValue =
      ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
    return !isValue || defined(statement.name) ? statement.getFullText(file) : "";
  });
  return kept.join("\n");
}

/** Of what is looked up when it is asked for (`declare const a`), it may be that there is none. */
function hasValue(values: Record<string, unknown>, name: string): boolean {
  const found = Object.getOwnPropertyDescriptor(values, name);
  return found?.get !== undefined || found?.value !== undefined;
}
