// The compiler's program is kept from cell to cell, and made again where it could not know.
import { expect } from "chai";
import { execFileSync } from "child_process";
import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { KernelClient, projectRoot } from "../../helpers/jupyter-client";

/** Compiles cells one after the other in a process of its own: for each what went wrong, and what was made for it. */
function compiled(cells: readonly (string | { write: string; text: string })[], prepare = ""): [string, string][] {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-cells-"));
  const kernel = path.join(projectRoot, "kernel-setup/dist/kernel/cell");
  const script = `
    const { CellPrograms } = require(${JSON.stringify(`${kernel}/cell-programs.js`)});
    const { begin } = CellPrograms.prototype;
    let made = "";
    CellPrograms.prototype.begin = function (...all) {
      begin.apply(this, all);
      made += " " + ["language", "declarations", "documentation"][this.extent];
    };
    const { Tslab } = require(${JSON.stringify(`${kernel}/tslab.js`)});
    const { Compiler } = require(${JSON.stringify(`${kernel}/compiler.js`)});
    const compiler = new Compiler(new Tslab());
    ${prepare}
    let declarations = "";
    const told = ${JSON.stringify(cells)}.map((cell) => {
      made = "";
      if (cell.write) {
        require("fs").writeFileSync(cell.write, cell.text);
        // A file that changed just now may change once more.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
        return ["", ""];
      }
      try {
        declarations = compiler.compile(declarations, cell, "In [1]").declOutput;
        return ["ok", made.trim()];
      } catch (error) {
        return [error.message, made.trim()];
      }
    });
    console.log(JSON.stringify({ told, declarations }));
    process.exit(0);
  `;
  try {
    const out = execFileSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" });
    return (JSON.parse(out) as { told: [string, string][] }).told;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("kernel: programs", function () {
  this.timeout(30_000);

  it("the language is enough for the first cells; the rest is read for an import, and where a cell is refused", () => {
    const told = compiled([
      "1 + 1",
      "const a = [1, 2].map((x) => `${x}`); console.log(a);",
      "a.length + 'x'",
      "process.cwd()",
      "a.push('3')",
      'import * as fs from "fs"; fs.existsSync(a[0])',
    ]);
    expect(told).to.deep.equal([
      ["ok", ""],
      ["ok", ""],
      ["ok", ""],
      ["ok", "declarations"],
      ["ok", ""],
      ["ok", ""],
    ]);
  });

  it("what is refused is refused with all declarations read, and its fault stays its own", () => {
    const wrong = "line 1: Type 'string' is not assignable to type 'number'. (TS2322)";
    const told = compiled(['const n: number = "a"', 'const n: number = "a"', "const n: number = 1", "n.toFixed()"]);
    expect(told).to.deep.equal([
      [wrong, "declarations"],
      [wrong, ""],
      ["ok", ""],
      ["ok", ""],
    ]);
  });

  it("40 cells that declare, use and declare again make no other program", () => {
    const cells = Array.from({ length: 40 }, (_, i) =>
      i % 2
        ? `const x${i % 5} = tf.tensor([${i}]).mul(2); x${i % 5}.shape`
        : `function f(n: number) { return n + ${i}; } f(1)`,
    );
    const told = compiled(['import { tf } from "vitrine";', ...cells]);
    expect(told.map(([fault]) => fault)).to.deep.equal(told.map(() => "ok"));
    expect(told.map(([, made]) => made).join("")).to.equal("declarations");
  });

  it("a new one is made for a file that is not in it or changed, and for what is declared for everybody", () => {
    const told = compiled([
      'import * as fs from "fs";',
      { write: "one.ts", text: "export const one = 1;" },
      'import { one } from "./one"; const sure: number = one;',
      "const again: number = one;",
      { write: "one.ts", text: "export const one = 'a';" },
      "const wrong: number = one;",
      "declare global { interface Array<T> { whole(): T } }\n[1].whole.name",
      "[1].whole.length",
      'import { two } from "./two";',
      { write: "two.ts", text: "export const two = 2;" },
      'import { two } from "./two"; two.toFixed()',
    ]);
    const [first, , imported, kept, , changed, everybody, later, missing, , found] = told;
    expect([first, imported, kept]).to.deep.equal([
      ["ok", "declarations"],
      ["ok", "declarations"],
      ["ok", ""],
    ]);
    expect(changed[0]).to.match(/Type 'string' is not assignable to type 'number'/);
    expect(everybody).to.deep.equal(["ok", "declarations"]);
    expect(later).to.deep.equal(["ok", "declarations"]);
    expect(missing[0]).to.match(/Cannot find module '.\/two'/);
    expect(found[0]).to.equal("ok");
  });

  it("at rest everything is read, with what explains it", async () => {
    const kernel = await KernelClient.start();
    try {
      expect((await kernel.execute("1 + 1")).result).to.equal("2");
      const inspected = await kernel.request("shell", "inspect_request", {
        code: "parseInt",
        cursor_pos: 4,
        detail_level: 0,
      });
      const { data } = inspected.content as { data: Record<string, string> };
      expect(data["text/markdown"]).to.contain("Converts a string to an integer");
    } finally {
      await kernel.kill();
    }
    expect(compiled(["process.cwd()"], "compiler.prepare();")).to.deep.equal([["ok", ""]]);
  });
});
