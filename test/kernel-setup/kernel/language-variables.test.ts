import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: variables across cells", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
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

  it("a function and later cells share the variable it was declared beside", async () => {
    expect(
      await results(
        "let count = 0; function inc() { count++; return count; } inc(); count",
        "count = 10; inc()",
        "count",
      ),
    ).to.equal("11");
    expect(
      await results("let a1 = 0, b1 = [1].map((n) => n + a1)[0]; const add = () => { a1 += b1; }; add(); a1"),
    ).to.equal("1");
    expect(await results("let pair = 1; const both = () => ({ pair }); ({ pair } = { pair: 5 }); both()")).to.equal(
      "{ pair: 5 }",
    );
    expect(
      await results(
        "const { r, s: [t, ...u], w = r } = { r: 1, s: [2, 3, 4] } as { r: number; s: number[]; w?: number }; " +
          "const sum = () => r + t + u.length + w; sum()",
      ),
    ).to.equal("6");
  });

  it("what calls a function calls the one defined last", async () => {
    expect(await results("function g() { return 1; } function f() { return g(); }", "f()")).to.equal("1");
    expect(await results("function g() { return 2; }", "f()")).to.equal("2");
    expect(
      await results("const scale = 2; const scaled = (n: number) => n * scale;", "const scale = 3;", "scaled(5)"),
    ).to.equal("15");
  });

  it("functions are called above their declaration, call themselves, and are no methods", async () => {
    expect(
      await results(
        "const early = later(4);\nfunction later(n: number): number { return n < 2 ? 1 : n * later(n - 1); }\nearly",
      ),
    ).to.equal("24");
    expect(
      await results(
        "function self(this: unknown) { return this === undefined || this === globalThis; } self()",
        "self()",
      ),
    ).to.equal("true");
    expect(await results("later.length + [3].map(later)[0]")).to.equal("7");
  });

  it("names may be shadowed, be properties, labels and types as well", async () => {
    expect(
      await results(
        "const name1 = 1; const inner = (name1: string) => { const o = { name1: 'p' }; name1: for (;;) { break " +
          "name1; } return name1 + o.name1; }; inner('x') + name1",
      ),
    ).to.equal("'xp1'");
    expect(
      await results(
        "class name2 { static made = 0; static one = new name2(); name2 = 5; constructor() { name2.made++; } }",
        "let typed: name2 = new name2(); typed.name2 + name2.made",
      ),
    ).to.equal("7");
    expect(await results("for (const name1 of [7]) { if (name1 === 7) { let name1 = 8; name1++; } } name1")).to.equal(
      "1",
    );
    expect(await results("var looped = 0; for (looped of [1, 2]) {} looped")).to.equal("2");
  });

  it("a var in a block or a loop is a variable of the notebook, as in every script", async () => {
    expect(await results("if (true) { var inBlock = 3; let within8 = 4; }\ninBlock", "inBlock.toFixed(1)")).to.equal(
      "'3.0'",
    );
    expect(await results("within8")).to.match(/Cannot find name 'within8'/);
    const loop = "const fns: (() => number)[] = []; for (var turn = 0; turn < 3; turn++) fns.push(() => turn);";
    expect(await results(loop, "turn")).to.equal("3");
    expect(await results("turn = 7; fns[0]()")).to.equal("7");
    expect(await results("for (var key in { a: 1, b: 2 }) { var seen = key; }\nseen!", "key + seen")).to.equal("'bb'");
    expect(await results("{ var late = await Promise.resolve('w'); } // w", "late.length")).to.equal("1");
    expect(await results("while (true) { var reached = 1; throw new Error('mid'); }")).to.match(/mid/);
    expect(await results("reached")).to.equal("1");
    expect(await results("function hides() { var hidden8 = 1; return hidden8; } hides()", "hidden8")).to.match(
      /Cannot find name 'hidden8'/,
    );
    expect(await results("if (true) { var wrong: string = 5; }")).to.equal(
      "TypeScriptError: line 1: Type 'number' is not assignable to type 'string'. (TS2322)",
    );
    const labelled = "outer: for (var p = 0, q = 5; ; p++) for (;;) { if (p > 2) break outer; continue outer; }";
    expect(await results(`${labelled}\np + q`, "p + q")).to.equal("8");
    expect(await results("var own = 1; var own: string;")).to.match(/TS2403/);
  });

  it("a block's variable leaves the cell's variable of the same name alone", async () => {
    expect(
      await results(
        "let a7 = 1, b7 = 2; { let a7 = 5; const { b7, c7 = a7 } = { b7: 6 } as { b7: number; c7?: number }; " +
          "var kept7 = { a7, b7, c7 }; a7++; }\nfor (const a7 of [7]) { for (let b7 = a7; b7 < 9; b7++); }\n" +
          "[a7, b7, kept7]",
        "[a7, b7, kept7]",
      ),
    ).to.equal("[ 1, 2, { a7: 5, b7: 6, c7: 5 } ]");
    expect(
      await results("function f7() { return 1; } { const f7 = () => 2; f7(); }\nclass K7 {} { let K7 = 3; K7; }\nf7()"),
    ).to.equal("1");
    expect(await results("[f7(), typeof K7]")).to.equal("[ 1, 'function' ]");
  });

  it("what a cell only says that there is, later cells find where it is", async () => {
    await results(
      "Object.assign(globalThis, { theirs: 5, next: (n: number) => n + 1, Made: class { x = 1 }, Space: { v: 9 } })",
    );
    const said =
      "declare let theirs: number; declare function next(n: number): number;\n" +
      "declare class Made { x: number }\ndeclare namespace Space { const v: number }\nnext(theirs)";
    expect(await results(said)).to.equal("6");
    expect(await results("[next(theirs), new Made().x, Space.v]")).to.equal("[ 6, 1, 9 ]");
    expect(await results("class Kid extends Made { y = 2; }\nnew Kid().x")).to.equal("1");
    expect(await results("(globalThis as any).theirs = 7; theirs")).to.equal("7");
    expect(await results("const theirs = 'mine';", "theirs + (globalThis as any).theirs")).to.equal("'mine7'");
    expect(await results("declare const absent7: number;", "const useIt = () => absent7;", "useIt()")).to.equal(
      "ReferenceError: absent7 is not defined",
    );
    expect(await results("const absent7 = 3; useIt()")).to.equal("3");
    expect(await results("declare function none(): void; typeof none")).to.equal("'undefined'");
  });

  it("any name may be declared again as anything, in its cell run again or in another", async () => {
    for (const cell of [
      "const k = 1",
      "const k = 'a'",
      "function k() { return 1; }",
      "class k {}",
      "enum k { A }",
      "import * as k from 'fs'",
      "let k: number[] = []",
      "type k = string",
      "interface k { x: number }",
      "const k = 4",
    ]) {
      expect(await results(cell, cell), cell).to.equal(undefined);
    }
    expect(await results("const w: number = k; w")).to.equal("4");
    expect(
      await results(
        "class Animal { sound() { return '?'; } } class Dog extends Animal { override sound() { return 'wau'; } }",
        "class Puppy extends Dog { override sound() { return super.sound() + '!'; } }",
        "new Puppy().sound()",
      ),
    ).to.equal("'wau!'");
  });

  it("values keep the type they were made with when a later cell declares it again", async () => {
    await results(
      "class Old { x = 1; hello() { return 'old'; } }\nconst made = new Old(); interface P { x: number }\nconst " +
        "p: P = { x: 1 }; type Unused = 1",
    );
    await results(
      "class Old { y = 2; hello() { return 'new'; } }",
      "interface P { y: string }\nconst q: P = { y: 'a' }",
    );
    expect(await results("made.x + made.hello() + new Old().y + new Old().hello() + p.x + q.y")).to.equal(
      "'1old2new1a'",
    );
    expect(await results("made.y")).to.match(/Property 'y' does not exist on type 'Oldᵒˡᵈ'/);
    await results("class Old { z = 3; }", "const third = new Old()", "class Old { w = 4; }");
    expect(await results("made.x + third.z + new Old().w")).to.equal("8");
    const { matches } = (await kernel.request("shell", "complete_request", { code: "Ol", cursor_pos: 2 })).content;
    expect(matches[0]).to.equal("Old");
    expect(matches.join()).not.to.include("ᵒˡᵈ");
  });

  it("a cell that declares a type, run again, means the same type", async () => {
    const cell = "class Secret { private key = 1; same(other: Secret) { return this.key === other.key; } }";
    expect(await results(cell, "const first = new Secret()", cell, "new Secret().same(first)")).to.equal("true");
  });

  it("a loop over a variable of the cell is as quick as a loop over a property", async () => {
    const began = Date.now();
    expect(await results("let total = 0; for (let i = 0; i < 1e7; i++) total += i; total")).to.equal("49999995000000");
    expect(Date.now() - began).to.be.below(5000);
  });

  it("cells with syntax of every kind", async () => {
    expect(await results("const gen = function* () { yield 1; yield* [2]; }; [...gen()].length")).to.equal("2");
    expect(await results("async function af() { return 4; }", "const val = await af(); val + (await af())")).to.equal(
      "8",
    );
    expect(
      await results(
        "function over(a: string): string;\nfunction over(a: number): number;\nfunction over(a: any): any { " +
          "return a; }",
        "over(1).toFixed(1) + over('a')",
      ),
    ).to.equal("'1.0a'");
    expect(await results("const tag = (s: TemplateStringsArray, n: number) => s.length + n; tag`a${1}b`")).to.equal(
      "3",
    );
    expect(await results("namespace N { export const inside = 1; }", "N.inside")).to.equal("1");
    expect(await results("let maybe: { deep?: number } | undefined; maybe?.deep ?? 'none'")).to.equal("'none'");
  });
});
