import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import * as ts from "typescript";

export interface LibraryExport {
  readonly name: string;
  /** Below `dist`, or a package. */
  readonly file: string;
  /** Its name there; undefined for the whole module. */
  readonly original?: string;
}

/** What `vitrine` exports that exists at run time, and where it comes from: read from its compiled index. */
export function libraryExports(dist: string, file = "index.js"): LibraryExport[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(dist, file.replace(/\.js$/, ".d.ts")), "utf8"),
    ts.ScriptTarget.ES2022,
    true,
  );
  return source.statements.flatMap((statement): LibraryExport[] => {
    if (ts.isExportDeclaration(statement)) {
      if (statement.isTypeOnly || !statement.moduleSpecifier) return [];
      const from = (statement.moduleSpecifier as ts.StringLiteral).text,
        clause = statement.exportClause;
      const target = from.startsWith(".") ? moduleFile(dist, posix.join(posix.dirname(file), from)) : from;
      if (clause && ts.isNamespaceExport(clause)) return [{ name: clause.name.text, file: target }];
      // Where it is defined, not where it is passed on: an index of a folder would bring all of it.
      const exported = libraryExports(dist, target);
      if (!clause) return exported;
      return clause.elements
        .filter((element) => !element.isTypeOnly)
        .flatMap(({ name, propertyName }) => {
          const original = (propertyName ?? name).text,
            found = exported.find((each) => each.name === original);
          return found ? [{ ...found, name: name.text }] : [];
        });
    }
    if (!isExported(statement)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => ({
        name: name.getText(source),
        original: name.getText(source),
        file,
      }));
    const isValue =
      ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
    return isValue && statement.name ? [{ name: statement.name.text, original: statement.name.text, file }] : [];
  });
}

function moduleFile(dist: string, base: string): string {
  const found = [`${base}.js`, `${base}/index.js`].find((file) => existsSync(join(dist, file)));
  if (!found) throw new Error(`vitrine's index names ${base}, which is not there`);
  return found;
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
