// Run by set-up: keeps TypeScript's code compiled, as far as the first cells need it.
import { setFlags } from "../shared/v8-flags";
import { home } from "../shared/home";
import { keepCode } from "./code-cache";
import { complete, inspectAt } from "./complete";
import { Compiler } from "./compiler";
import { Tslab, typescriptFile } from "./tslab";

/** Of everything that cells are usually made of something; the last two stand for a library's types and their use. */
const CELLS = [
  "1 + 1",
  "const a = [1].map((x) => x + 1);\na",
  'import * as fs from "fs";\nfs.existsSync(".")',
  `class Point<T> {
  constructor(private readonly x: T, readonly y = 1) {}
  get first(): T { return this.x; }
  async later(names: string[]): Promise<string> {
    for (const name of names) { await 0; if (name) break; }
    try { return \`\${this.y} of them\`; } catch { return ""; }
  }
}
const point = new Point("a"), { y, ...others } = point;
function sum(...all: number[]): number { return all.reduce((a, b) => a + b, 0); }
let total = sum(...[1, 2]);
if (total > 1) total += others ? y : 0;
console.log(point?.first ?? total);`,
  `interface Sizes { one: [number]; two: [number, number] }
type Size = keyof Sizes;
type Nested<T> = T | readonly Nested<T>[];
type Elements<T> = T extends readonly (infer U)[] ? Elements<U> : T extends number ? "number" : T;
declare class Box<S extends Size = Size> {
  readonly size: Sizes[S];
  add<B extends Box>(other: Box | Nested<number>): B;
}
declare namespace boxes {
  function box<S extends Size>(values: Nested<number> | Uint8Array, size?: Sizes[S], type?: "a" | "b"): Box<S>;
  function add<B extends Box>(a: Box | Nested<number>, b: Box | Nested<number>): B;
  function unbox<T>(values: T, of?: Partial<Record<Size, (box: Box) => void>>): Elements<T>;
}`,
  "const b = boxes.box([1, 2, 3]), c = boxes.add(b, [[1]]);\nboxes.unbox([[1]], { one: (x) => x.add(1) });",
];

setFlags();
process.chdir(home.root);
keepCode(typescriptFile(), home.compiledCode, () => {
  const compiler = new Compiler(new Tslab());
  let declarations = "";
  for (const [i, cell] of CELLS.entries()) declarations = compiler.compile(declarations, cell, `In [${i}]`).declOutput;
  complete(compiler, "", "Math.flo", 8);
  inspectAt(compiler, "", "parseInt", 4);
});
