import * as path from "path";
import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;
type SourceFile = tsTypes.SourceFile;

/** Declarations of packages in one text, and the files they were taken from. */
export interface AmbientBundle {
  text: string;
  /** File names by the module's name in the text. */
  modules: ReadonlyMap<string, string>;
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

const LICENCE = /^\s*\/\*\*\s+\* @license[^]*?\*\//;
const slashes = (file: string): string => file.replace(/\\/g, "/");

/**
 * The declaration files that a package's entry reaches inside a folder, each as `declare module "package/dist/file" { …
 * }` in one text.
 * The compiler then has one file instead of hundreds to walk for every program.
 * @param place the folder, and the name by which it is imported
 * @param entries declaration file of each package, by the package's name
 */
export function bundleDeclarations(
  ts: TypeScript,
  { folder, name: scope }: { folder: string; name: string },
  entries: ReadonlyMap<string, string>,
): AmbientBundle {
  const names = new Map([...entries].map(([name, file]) => [slashes(file), name]));
  const references = new Set<string>();
  const parts: string[] = [];
  const files = [...names.keys()];
  const nameOf = (file: string): string =>
    names.get(file) ?? `${scope}/${slashes(path.relative(folder, file))}`.replace(/(\/index)?\.d\.ts$/, "");

  const target = (specifier: string, from: string): string => {
    const relative = specifier.startsWith(".");
    if (!relative && !specifier.startsWith(`${scope}/`)) return specifier;
    const base = slashes(
      relative ? path.join(path.dirname(from), specifier) : path.join(folder, specifier.slice(scope.length)),
    );
    const file =
      entries.get(specifier) ??
      [`${base}.d.ts`, `${base}/index.d.ts`].find((each) => files.includes(each) || ts.sys.fileExists(each));
    if (!file) return specifier;
    if (!files.includes(file)) files.push(file);
    return nameOf(file);
  };

  // The list grows while it is walked.
  for (const name of files) {
    const file = ts.createSourceFile(
      name,
      (ts.sys.readFile(name) ?? "").replace(LICENCE, ""),
      ts.ScriptTarget.ES2022,
      true,
      ts.ScriptKind.TS,
    );
    for (const { fileName } of file.typeReferenceDirectives) references.add(fileName);
    parts.push(...asAmbient(ts, file, nameOf(name), (specifier) => target(specifier, name)));
  }
  const head = [...references].map((each) => `/// <reference types="${each}" />\n`).join("");
  return { text: head + parts.join("\n"), modules: new Map(files.map((file) => [nameOf(file), file])) };
}

function asAmbient(ts: TypeScript, file: SourceFile, name: string, target: (specifier: string) => string): string[] {
  if (!ts.isExternalModule(file)) return [file.text];
  const edits = specifierEdits(ts, file, target);
  const isAugmentation = (node: tsTypes.Statement): node is tsTypes.ModuleDeclaration =>
    ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name);
  const text = (nodes: readonly tsTypes.Statement[]): string =>
    nodes.map((each) => edited(file.text, each.getFullStart(), each.end, edits)).join("");
  const own = file.statements.filter((each) => !isAugmentation(each));
  const imports = text(file.statements.filter((each) => ts.isImportDeclaration(each)));
  // What augments another module becomes a part of it, which sees the same imports.
  const others = file.statements.filter(isAugmentation).map((each) => {
    const body = each.body as tsTypes.ModuleBlock;
    const augmented = target((each.name as tsTypes.StringLiteral).text);
    return `declare module "${augmented}" {${imports}${text(body.statements)}\n}`;
  });
  return [`declare module "${name}" {${text(own)}\n}`, ...others];
}

/** What stands for a module's name in a node that imports, in whichever way. */
export function moduleNameIn(ts: TypeScript, node: tsTypes.Node): tsTypes.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (ts.isExternalModuleReference(node)) return node.expression;
  const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isCall ? node.arguments[0] : undefined;
}

/** Replaces the names of other modules by those they have in the bundle. */
function specifierEdits(ts: TypeScript, file: SourceFile, target: (specifier: string) => string): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: tsTypes.Node): void => {
    const literal = moduleNameIn(ts, node);
    if (literal && ts.isStringLiteral(literal))
      edits.push({ start: literal.getStart(file), end: literal.end, text: JSON.stringify(target(literal.text)) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits;
}

function edited(text: string, start: number, end: number, edits: readonly Edit[]): string {
  let result = "",
    at = start;
  for (const edit of edits) {
    if (edit.start < start || edit.end > end) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at, end);
}
