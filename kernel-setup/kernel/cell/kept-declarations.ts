// What cells declare for others: for everybody, or for a module.
import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;

const parse = (ts: TypeScript, text: string): tsTypes.SourceFile =>
  ts.createSourceFile("declared.d.ts", text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);

const MODULES = /\b(namespace|module|global|import)\b/;

/** `declare global { … }`, or what is declared for another module. */
export function isForOthers(ts: TypeScript, node: tsTypes.ModuleDeclaration): boolean {
  return ts.isStringLiteral(node.name) || (node.flags & Number(ts.NodeFlags.GlobalAugmentation)) !== 0;
}

/**
 * The declarations of earlier cells without what the cell declares for others once more, so that its own text holds
 * when it is run again.
 */
export function withoutRepeated(ts: TypeScript, earlier: string, source: string): string {
  if (!/\bdeclare\s+(global|module)\b/.test(source) || !MODULES.test(earlier)) return earlier;
  const declared = new Map<string, Set<string>>();
  for (const each of parse(ts, source).statements)
    if (ts.isModuleDeclaration(each) && isForOthers(ts, each))
      for (const [name, members] of partsOf(ts, each))
        declared.set(name, new Set([...(declared.get(name) ?? []), ...members]));
  const file = parse(ts, earlier);
  let text = earlier;
  for (const each of [...file.statements].reverse()) {
    if (!ts.isModuleDeclaration(each) || !isForOthers(ts, each)) continue;
    if (!each.body || !ts.isModuleBlock(each.body)) continue;
    for (const inner of [...each.body.statements].reverse()) {
      const isRepeated = [...partsOf(ts, each, [inner])].some(([name, members]) => {
        const again = declared.get(name);
        return again && members.every((member) => again.has(member));
      });
      if (isRepeated) text = text.slice(0, inner.getFullStart()) + text.slice(inner.end);
    }
  }
  return text;
}

/** What a block declares, by the module's and its own name, and of an interface the members. */
function* partsOf(
  ts: TypeScript,
  { name: module, body }: tsTypes.ModuleDeclaration,
  statements: readonly tsTypes.Statement[] = body && ts.isModuleBlock(body) ? body.statements : [],
): Generator<[name: string, members: string[]]> {
  for (const each of statements) {
    if (ts.isVariableStatement(each)) {
      for (const { name } of each.declarationList.declarations) yield [`${module.text} ${name.getText()}`, []];
      continue;
    }
    const { name, members } = each as { name?: tsTypes.Node; members?: tsTypes.NodeArray<tsTypes.TypeElement> };
    if (!name) continue;
    const inner = ts.isInterfaceDeclaration(each)
      ? members!.map((member) => member.name?.getText() ?? member.getText())
      : [];
    yield [`${module.text} ${name.getText()}`, inner];
  }
}
