import { expect } from "chai";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import * as ts from "typescript";
import { lacking } from "../../../kernel-setup/kernel/cell/typescript-internals";
import { KernelClient } from "../../helpers/jupyter-client";

describe("kernel: TypeScript as TypeScript is", function () {
  this.timeout(60_000);
  let folder: string;
  let kernel: KernelClient;
  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-language-")));
    kernel = await KernelClient.start({ cwd: folder, warm: true });
  });
  after(async () => {
    await kernel?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The last cell's result, or what went wrong in any. */
  async function results(...cells: string[]): Promise<string | undefined> {
    let last: string | undefined;
    for (const cell of cells) {
      const { result, error } = await kernel.execute(cell);
      if (error) return `${error.ename}: ${error.evalue}`;
      last = result;
    }
    return last;
  }

  it("declare global: for all later cells, beside others or alone, and again with another type", async () => {
    const alone = "declare global { interface Array<T> { mine?: string } var shared: string }";
    expect(await results(alone, "shared = 'a'; const one: string | undefined = [1].mine; shared + one", "1")).to.equal(
      "1",
    );
    expect(await results("const still: string | undefined = [2].mine; (globalThis as any).shared + still")).to.equal(
      "'aundefined'",
    );
    expect(
      await results(
        "interface Size { x: 1 }\ndeclare global { interface Array<T> { size?: Size } }",
        "[1].size",
        "[1].mine",
      ),
    ).to.equal(undefined);
    expect(
      await results(
        alone.replaceAll("string", "number"),
        "shared = 5; const n: number | undefined = [1].mine; shared + 1",
      ),
    ).to.equal("6");
    expect(await results("[1].size = { x: 2 }")).to.match(/Type '2' is not assignable to type '1'/);
  });

  it("namespaces, abstract classes and enums stay for all later cells", async () => {
    expect(
      await results("namespace N { export const inside = 1; export interface I { a: 1 } }", "1", "2", "N.inside"),
    ).to.equal("1");
    expect(await results("const wrong: N.I = { a: 2 }")).to.match(/Type '2' is not assignable to type '1'/);
    expect(await results("namespace N { export const other = 'x'; }", "1", "N.other")).to.equal("'x'");
    expect(await results("N.inside")).to.match(/Property 'inside' does not exist/);
    expect(
      await results(
        "abstract class Shape { abstract area(): number }",
        "class Square extends Shape { area() { return 4 } }",
        "new Square().area()",
      ),
    ).to.equal("4");
    expect(
      await results(
        "enum Colour { Red, Green = 4 }",
        "const enum Fixed { A = 7 }",
        "1",
        "[Colour.Green, Colour[0], Fixed.A]",
      ),
    ).to.equal("[ 4, 'Red', 7 ]");
  });

  it("an error after an enum or a namespace names its own line", async () => {
    for (const before of [
      "enum E1 { A,\n B }",
      "namespace N1 {\n export const a = 1; }",
      "declare global {\n interface Nobody {} }",
    ]) {
      const { error } = await kernel.execute(`${before}\nconst text: string = 5;`);
      expect(error!.evalue, before).to.equal("line 3: Type 'number' is not assignable to type 'string'. (TS2322)");
      const thrown = await kernel.execute(`${before}\nthrow new Error('after');`);
      expect(thrown.error!.traceback[1], before).to.match(/In \[\d+\]:3:7/);
    }
  });

  it("export in every form", async () => {
    expect(await results("export { exported }; const exported = 3", "exported")).to.equal("3");
    expect(await results("const inner = 4; export { inner as outer, inner };", "outer + inner")).to.equal("8");
    expect(await results("const left = 4; export { left as right }; left + 1")).to.equal("5");
    expect(await results("export const { p: [first] } = { p: [5] }; export default 6; first", "first")).to.equal("5");
  });

  it("import short = Space.inner, of an earlier cell's namespace too, and import … = require(…)", async () => {
    await kernel.execute("namespace Space { export interface Box { a: number } export const inner = { a: 1 } }");
    expect(await results("import Short = Space.Box; const box: Short = { a: 2 }; box.a", "box.a + 1")).to.equal("3");
    expect(await results("import within = Space.inner; within.a", "within.a + 3")).to.equal("4");
    expect(await results("namespace A.B { export const c = 5 }\nimport d = A.B; d.c", "d.c + 1")).to.equal("6");
    expect(await results('import files = require("fs"); files.existsSync("/")', "files.existsSync('/')")).to.equal(
      "true",
    );
    expect(await results("const wrong: string = files.existsSync('/')")).to.match(
      /^TypeScriptError: line 1: Type 'boolean'/,
    );
  });

  it("using and await using, whose end is the cell's", async () => {
    await kernel.execute(
      "const made = (name: string) => ({ name, [Symbol.dispose]() { console.log(`end of ${name}`); }, " +
        "async [Symbol.asyncDispose]() { await null; console.log(`late end of ${name}`); } })",
    );
    const first = await kernel.execute("using a = made('a'); console.log('within'); a.name");
    expect([first.result, first.stdout]).to.deep.equal(["'a'", "within\nend of a\n"]);
    const second = await kernel.execute("await using b = made('b'); console.log('within'); b.name");
    expect([second.result, second.stdout]).to.deep.equal(["'b'", "within\nlate end of b\n"]);
  });

  it("decorators are the standard's", async () => {
    const decorator =
      "function loud<This, Args extends unknown[]>(method: (this: This, ...args: Args) => string, context: " +
      "ClassMethodDecoratorContext) " +
      ("{ return function (this: This, ...args: Args): string { return `${String(context.name)}: " +
        "${method.apply(this, args)}!`; }; }");
    expect(
      await results(decorator, "class Dog { @loud speak() { return 'wau'; } }\nnew Dog().speak()", "new Dog().speak()"),
    ).to.equal("'speak: wau!'");
  });

  it("the library is that of the running Node", async () => {
    expect(await results("[3, 1, 2].toSorted().with(0, 9).findLast((n) => n > 2)")).to.equal("3");
    expect(await results('/[\\p{L}--[a-z]]/v.test("A") && "a".isWellFormed()')).to.equal("true");
    for (const [there, code] of [
      ["withResolvers" in Promise, "Promise.withResolvers<number>().promise"],
      ["union" in Set.prototype, "new Set([1]).union(new Set([2])).size"],
      ["DisposableStack" in globalThis, "new DisposableStack().disposed"],
    ] as const)
      if (there) expect(await results(code), code).not.to.match(/TypeScriptError/);
      else expect(await results(code), code).to.match(/TypeScriptError/);
  });

  it("a value may be followed by types", async () => {
    expect(
      await results("const kept: Later = { a: 1 }; kept\ninterface Later { a: number }\ntype Word = string;"),
    ).to.equal("{ a: 1 }");
  });

  it("JSX and older decorators, where the tsconfig.json says so; an element of text is shown as HTML", async () => {
    await kernel.execute(
      "const h = (tag: string | ((all: any) => string), all: any, ...children: unknown[]): string => typeof tag " +
        "=== 'function' ? " +
        ("tag(all) : `<${tag}>${children.join('')}</${tag}>`; const Hello = ({ who }: { who: string }) => `hello " +
          "${who}`;"),
    );
    writeFileSync(
      path.join(folder, "jsx.d.ts"),
      "declare namespace JSX { type Element = string; interface IntrinsicElements { [name: string]: object } }",
    );
    writeFileSync(
      path.join(folder, "tsconfig.json"),
      '{ "compilerOptions": { "strict": true, "jsx": "react", "jsxFactory": "h", "experimentalDecorators": true } }',
    );
    const { outputs } = await kernel.execute('<b><Hello who="you" /> {1 + 1}</b>');
    expect(outputs[0]?.content.evalue).to.equal(undefined);
    expect(outputs[0].content.data).to.deep.equal({
      "text/html": "<b>hello you 2</b>",
      "text/plain": "'<b>hello you 2</b>'",
    });
    expect(await results("const element = <i>{2}</i>; element.length")).to.equal("8");
    expect(await results("<Hello who={3} />")).to.match(
      /^TypeScriptError: line 1: Type 'number' is not assignable to type 'string'/,
    );
    expect(
      await results(
        "function older(target: object, name: string, { value }: PropertyDescriptor) { return { value: () => " +
          "name + value() }; }\n" +
          "class Old { @older m() { return '1'; } }\nnew Old().m()",
      ),
    ).to.equal("'m1'");
  });
});

describe("kernel: what it uses of TypeScript undocumented", function () {
  this.timeout(30_000);

  it("is all there", () => expect(lacking(ts)).to.deep.equal([]));

  it("is named where it is not", () => {
    const poorer = { ...ts, isTagName: undefined, SymbolDisplay: {}, libMap: undefined } as unknown as typeof ts;
    expect(lacking(poorer)).to.have.members([
      "isTagName",
      "SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind",
      "SymbolDisplay.getSymbolModifiers",
      "libMap",
    ]);
  });
});
