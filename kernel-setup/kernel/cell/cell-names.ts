import type * as tsTypes from "typescript";

type TypeScript = typeof tsTypes;
type Binder = { bindSourceFile(file: tsTypes.SourceFile, options: tsTypes.CompilerOptions): void };
type Bound = Omit<tsTypes.SourceFile, "locals"> & { locals?: Map<string, unknown> };

const EXPORTS = /\nexport \{[^{}]*\}$/;
const OPTIONS = { target: 9, module: 99 };

/** The names a cell declares, types included. */
export function declaredNames(ts: TypeScript, source: string): Set<string> {
  const file = ts.createSourceFile("cell.ts", `export {};\n${source}`, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
  (ts as never as Binder).bindSourceFile(file, OPTIONS);
  // The compiler's internal names have a third underscore before two; `declare global` is bound as one of these.
  const names = [...((file as Bound).locals?.keys() ?? [])].filter((name) => name !== "__global");
  return new Set(names.map((name) => name.replace(/^___/, "__")));
}

/**
 * The cell with an export of every name it declares at its end. tslab would add that itself, but must compile the cell
 * once to know the names; see `onlyOnce`.
 */
export function withExports(source: string, names: ReadonlySet<string>): string {
  return names.size > 0 ? `${source}\nexport {${[...names].join(", ")}}` : source;
}

/** Makes the converter find no names to export the first time it looks, so that it does not compile the cell again. */
export function onlyOnce(file: tsTypes.SourceFile): void {
  const { locals } = file as Bound;
  // Only where the exports are there already.
  if (locals && EXPORTS.test(file.text))
    locals.forEach = () => {
      Reflect.deleteProperty(locals, "forEach");
    };
}
