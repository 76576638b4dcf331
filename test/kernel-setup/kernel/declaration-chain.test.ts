// Earlier declarations are read in parts, of which the next cell's program knows most already.
import { expect } from "chai";
import { execFileSync } from "child_process";
import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { projectRoot } from "../../helpers/jupyter-client";

interface Outcome {
  /** What a cell is told, or what it becomes. */
  cells: string[];
  /** What later cells know in the end, line by line, sorted. */
  declarations: string[];
  /** Characters of declarations and cells that the compiler read. */
  read: number;
}

/** Compiles cells one after the other, in a process of its own. `whole`: all declarations are read for each. */
function compiled(cells: readonly string[], whole: boolean): Outcome {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-cells-"));
  const kernel = path.join(projectRoot, "kernel-setup/dist/kernel/cell");
  const script = `
    const { CellPrograms } = require(${JSON.stringify(`${kernel}/cell-programs.js`)});
    if (${whole}) CellPrograms.prototype.join = () => false;
    let read = 0;
    const { parsed } = CellPrograms.prototype;
    CellPrograms.prototype.parsed = function (which, text) {
      read += text.length;
      return parsed.call(this, which, text);
    };
    const { Tslab } = require(${JSON.stringify(`${kernel}/tslab.js`)});
    const { Compiler } = require(${JSON.stringify(`${kernel}/compiler.js`)});
    const compiler = new Compiler(new Tslab());
    let declarations = "";
    const cells = ${JSON.stringify(cells)}.map((cell) => {
      try {
        const { output, declOutput } = compiler.compile(declarations, cell, "In [1]");
        declarations = declOutput;
        return output;
      } catch (error) {
        return "refused: " + error.message;
      }
    });
    console.log(JSON.stringify({ cells, declarations: declarations.split("\\n").filter(Boolean).sort(), read }));
    process.exit(0);
  `;
  try {
    return JSON.parse(execFileSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" })) as Outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** So that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

const NAMES = ["a", "b", "c", "d"];
const TYPES = ["A", "B", "C"];

/** Cells that declare, redeclare and use a few names in every way. */
function randomCells(seed: number, count: number): string[] {
  const below = random(seed);
  const pick = (from: readonly string[]): string => from[below(from.length)];
  const kinds: (() => string)[] = [
    () => `const ${pick(NAMES)} = ${below(9)}, x${below(50)} = "${below(9)}";`,
    () => `const x${below(50)} = [${below(9)}];`,
    () => `let ${pick(NAMES)} = ${pick(NAMES)};`,
    () => `function ${pick(NAMES)}(p: ${pick(TYPES)}) { return p; }`,
    () => `class ${pick(TYPES)} { private m = ${below(9)}; n${below(3)}?: string; }`,
    () => `interface ${pick(TYPES)} { i${below(3)}: number }`,
    () => `type ${pick(TYPES)} = { t: ${pick(["number", "string", "T[]"]).replace("T", pick(TYPES))} };`,
    () => `enum ${pick(TYPES)} { One = ${below(9)}, Two }`,
    () => `const ${pick(NAMES)} = new ${pick(TYPES)}();`,
    () => `const ${pick(NAMES)} = null as unknown as ${pick(TYPES)};`,
    () => `namespace N${below(2)} { export const v = ${below(9)}; export type T = ${pick(TYPES)}; }`,
    () => `const ${pick(NAMES)} = N${below(2)}.v, y = null as unknown as N${below(2)}.T;`,
    () => `const ${pick(NAMES)} = { of: ${pick(NAMES)}, typed: null as unknown as typeof ${pick(NAMES)} };`,
    () => `const { of: ${pick(NAMES)} } = { of: ${pick(NAMES)} };`,
    () => `${pick(NAMES)};`,
    () => `const z: ${pick(TYPES)} = ${pick(NAMES)};`,
  ];
  return Array.from({ length: count }, () => kinds[below(kinds.length)]());
}

describe("kernel: earlier declarations in parts", function () {
  this.timeout(120_000);

  for (const seed of [1, 2, 3])
    it(`70 cells at random (${seed}) become, and are told, what they are where all declarations are read`, () => {
      const cells = randomCells(seed, 70);
      const [parts, whole] = [compiled(cells, false), compiled(cells, true)];
      expect(parts.cells).to.deep.equal(whole.cells);
      expect(parts.declarations).to.deep.equal(whole.declarations);
      expect(parts.cells.filter((each) => !each.startsWith("refused")).length).to.be.above(20);
    });

  it("what a cell costs does not grow with what was declared: 300 cells are read as quickly as three times 100", () => {
    const cells = Array.from({ length: 300 }, (_, i) => `const v${i} = ${i};`);
    const [few, many] = [compiled(cells.slice(0, 100), false).read, compiled(cells, false).read];
    expect(many).to.be.below(3 * few * 1.3);
  });

  it("a package's names, imported long ago, stay the same ones", () => {
    const cells = [
      'import { posix, join } from "path";\nimport "os";',
      ...Array.from({ length: 20 }, (_, i) => `const v${i} = ${i};`),
      "const place = posix.join(join('a'), 'b');",
      "const join = 3;",
      "join.toFixed() + posix.sep + place",
      "join('a')",
    ];
    const [parts, whole] = [compiled(cells, false), compiled(cells, true)];
    expect(parts.cells).to.deep.equal(whole.cells);
    expect(parts.declarations).to.deep.equal(whole.declarations);
    expect(parts.declarations.filter((each) => /"(os|path)"/.test(each))).to.deep.equal([
      'import { posix } from "path";',
    ]);
    expect(parts.cells.at(-1)).to.match(/^refused: .*not callable/);
  });
});
