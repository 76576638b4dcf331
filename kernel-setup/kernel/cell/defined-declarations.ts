import type * as tsTypes from "typescript";
import { isSuperseded } from "./superseded-types";

/**
 * Of the declarations of a cell that failed half-way, those whose variables it reached. The functions and values that
 * stood before the error stay usable, as in every other notebook language.
 */
export function definedDeclarations(ts: typeof tsTypes, declarations: string, values: Record<string, unknown>): string {
  const file = ts.createSourceFile("declared.d.ts", declarations, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  const defined = (name: tsTypes.Node | undefined): boolean =>
    name === undefined || !ts.isIdentifier(name) || values[name.text] !== undefined || isSuperseded(name.text);
  const kept = file.statements.map((statement) => {
    if (ts.isVariableStatement(statement)) {
      const keyword = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
      const variables = statement.declarationList.declarations.filter(({ name }) => defined(name));
      return variables.map((variable) => `declare ${keyword} ${variable.getText(file)};`).join("\n");
    }
    const hasValue =
      ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
    return !hasValue || defined(statement.name) ? statement.getFullText(file) : "";
  });
  return kept.join("\n");
}
