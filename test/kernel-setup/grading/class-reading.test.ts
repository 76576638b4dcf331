import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../helpers/jupyter-client";

const python = join(projectRoot, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

interface Read { markdown: string; letters: number; seconds: number; picture: string; cells: [kind: string, source: string][] }

describe("grading a class: what formgrader reads of a notebook", function () {
  this.timeout(60_000);
  let read: Read;
  before(() => { read = JSON.parse(execFileSync(python, [join(__dirname, "class-reading.py")], { encoding: "utf8" })) as Read; });

  it("elements that every paragraph opens again are shown as text, before there are millions", () => {
    expect(read.markdown).to.match(/^<p><em>\[shown as text: /);
    expect(read.letters).to.be.below(40_000);
  });
  it("a compressed BMP, which Pillow reads byte by byte, is not shown", () => {
    expect(read.picture).to.equal("it is a compressed BMP");
  });
  it("an answer in prose whose cell became code by a slip is read all the same; code that became prose is not code", () => {
    expect(read.cells).to.deep.equal([["markdown", "Since the collar is covered."], ["code", "// Yours."]]);
  });
});
