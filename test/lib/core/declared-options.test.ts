import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { allowedNumbers, defaultWords, type AnySchema, type Option } from "../../../lib/core/options";

const folders = [
  "attribution",
  "attack",
  "visualize",
  "metrics",
  "training",
  "plot",
  "data",
  "model",
  "backend",
  "runtime",
];
const files = folders.flatMap((name) => {
  const folder = join(__dirname, "../../../lib", name);
  const all = readdirSync(folder, { recursive: true }) as string[];
  return all.filter((file) => file.endsWith(".ts")).map((file) => join(folder, file));
});

interface Member {
  /** The comment as one line. */
  readonly comment: string;
  readonly optional: boolean;
}
interface Declared {
  readonly name: string;
  /** The interface. */
  readonly of: string;
  readonly members: Readonly<Record<string, Member>>;
  readonly schema: AnySchema;
}

type Parent = Pick<ts.ExpressionWithTypeArguments, "expression"> & {
  readonly typeArguments?: readonly ts.TypeNode[];
};

const isExported = ({ modifiers = [] }: { readonly modifiers?: readonly ts.ModifierLike[] }): boolean =>
  modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/**
 * Every `export const xOptions = { … } satisfies Schema<X>` of the methods, with the members of X as they are
 * documented.
 */
function declarations(): Declared[] {
  const interfaces = new Map<string, ts.InterfaceDeclaration>(),
    schemas: { name: string; of: string; file: string }[] = [];
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    source.forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node);
      if (!ts.isVariableStatement(node) || !isExported(node)) return;
      const [{ name, initializer }] = node.declarationList.declarations;
      if (!initializer || !ts.isSatisfiesExpression(initializer)) return;
      const [, of] = /^Schema<(\w+)>$/.exec(initializer.type.getText()) ?? [];
      if (of !== undefined) schemas.push({ name: name.getText(), of, file });
    });
  }
  const membersOf = (name: string): Record<string, Member> => {
    const found = interfaces.get(name);
    if (!found) throw new Error(`There is no interface ${name}.`);
    const parents = (found.heritageClauses ?? []).flatMap(({ types }) => [...types]).map(inherited);
    const own = found.members.filter(ts.isPropertySignature).map((member): [string, Member] => [
      member.name.getText(),
      {
        comment: ts
          .getJSDocCommentsAndTags(member)
          .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? "")
          .join(" ")
          .replace(/\s+/g, " "),
        optional: member.questionToken !== undefined,
      },
    ]);
    return Object.assign({}, ...parents, Object.fromEntries(own)) as Record<string, Member>;
  };
  /** Of `Base`, `Omit<Base, "a" | "b">` or `Pick<…>`. */
  const inherited = ({ expression, typeArguments = [] }: Parent): Record<string, Member> => {
    const how = expression.getText();
    if (how !== "Omit" && how !== "Pick") return membersOf(how);
    const [base, names] = typeArguments.map((each) => each.getText());
    const listed = [...names.matchAll(/"(\w+)"/g)].map(([, name]) => name);
    const members = Object.entries(membersOf(base));
    return Object.fromEntries(members.filter(([name]) => listed.includes(name) === (how === "Pick")));
  };
  return schemas.map(({ name, of, file }) => ({
    name,
    of,
    members: membersOf(of),
    schema: (require(file) as Record<string, AnySchema>)[name],
  }));
}

const plain = (text: string): string => text.replaceAll("`", "").replace(/(?<=\d),(?=\d{3})/g, "");
/** What a comment calls the range: "Integer from 1 (trapezoids: 2) to 10,000" → "integer from 1 to 10000". */
const rangeSaid = (comment: string): string | undefined =>
  /\b(integer|number)( (≥ [-\d.e]+|from [-\d.]+ to [-\d.]+|above [-\d.]+( and (at most|below) [-\d.]+)?))?\.(?= |$)/i
    .exec(plain(comment).replace(/ \([^)]*\)/g, ""))?.[0]
    .slice(0, -1)
    .toLowerCase();
const hasRange = ({ kind, least, above, most }: Option): boolean =>
  kind === "integer" || (kind === "number" && (least ?? above ?? most) !== undefined);

describe("options as their comments say", () => {
  const all = declarations();

  it("are found, of every method", () => {
    expect(all.map(({ name }) => name)).to.include.members([
      "attributionOptions",
      "saliencyOptions",
      "pgdOptions",
      "classVisualizationOptions",
      "maximizeOptions",
      "localizeOptions",
      "recordTrainingOptions",
      "attributionMapOptions",
      "exportMp4Options",
      "openFlowersOptions",
      "fromGraphModelOptions",
      "deepNetworkOptions",
      "compileOptions",
    ]);
    expect(all).to.have.length.above(70);
  });
  it("are declared for every options interface that the library exports", () => {
    const index = readFileSync(join(__dirname, "../../../lib/index.ts"), "utf8");
    const exported = new Set([...index.matchAll(/\b\w+Options?\b/g)].map(([word]) => word));
    // A single option; and what both visualizations have, each with its own number of iterations.
    for (const word of ["MethodOption", "Option", "VisualizeOptions"]) exported.delete(word);
    expect([...exported].filter((word) => !all.some(({ of }) => of === word))).to.deep.equal([]);
    expect(exported).to.have.property("size").above(50);
  });
  for (const { name, members, schema } of all) {
    it(`${name}: defaults and ranges`, () => {
      expect(Object.keys(schema)).to.have.members(Object.keys(members));
      for (const [option, declared] of Object.entries(schema)) {
        const { comment, optional } = members[option];
        expect(comment, `${option} has a comment`).to.match(/\w/);
        if (declared.required) {
          expect(!optional || comment.includes("Required"), `${option} is said to be required`).to.equal(true);
        } else {
          const [, said] = /\bDefault: (.*)/.exec(plain(comment)) ?? [];
          const words = plain(
            typeof declared.default === "string" ? `"${defaultWords(declared)}"` : defaultWords(declared)!,
          );
          expect(said, `${option}, default`).to.not.equal(undefined);
          // It ends with the sentence: of 0.1 there is more to say than of 0.15.
          expect(
            said.startsWith(words) && /^($|[.;,:]? |[.;,]$)/.test(said.slice(words.length)),
            `${option}: "${said}"; declared: ${words}`,
          ).to.equal(true);
        }
        const range = hasRange(declared)
          ? allowedNumbers(declared.kind as "integer" | "number", declared).replace(/^an? /, "")
          : undefined;
        expect(rangeSaid(comment), `${option}, range`).to.equal(range);
        expect(declared.help, `${option}, one line`).to.match(/^[^\n]{3,110}$/);
      }
    });
  }
});
