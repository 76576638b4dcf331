import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { joined, readNotebook, root } from "./course";
import { exampleNames, examplePath } from "./examples";

describe("examples: sources", () => {
  it("are those that README.md lists", () => {
    const listed = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/\(examples\/([\w-]+)\.ipynb\)/g)].map(
      ([, name]) => name,
    );
    expect(listed.sort()).to.deep.equal(exampleNames());
  });

  for (const name of exampleNames())
    describe(name, () => {
      const notebook = readNotebook(examplePath(name)),
        text = readFileSync(examplePath(name), "utf8");
      const code = notebook.cells.filter(({ cell_type }) => cell_type === "code"),
        prose = notebook.cells.filter(({ cell_type }) => cell_type === "markdown");

      it("is kept without outputs, for the Vitrine kernel, as JupyterLab writes it", () => {
        for (const cell of code) {
          expect(cell.outputs, cell.id).to.deep.equal([]);
          expect(cell.execution_count, cell.id).to.equal(null);
        }
        expect([notebook.nbformat, notebook.nbformat_minor]).to.deep.equal([4, 5]);
        expect(notebook.metadata.kernelspec).to.include({
          name: "vitrine",
          language: "typescript",
          display_name: "TypeScript (Vitrine)",
        });
        expect(new Set(notebook.cells.map(({ id }) => id)).size).to.equal(notebook.cells.length);
        expect(text)
          .to.equal(`${JSON.stringify(JSON.parse(text), null, 1)}\n`)
          .and.not.match(/\/work\/|file:\/\//);
      });

      it("begins with what it shows, in two sentences, and ends by checking it", () => {
        const [heading, opening, ...rest] = joined(prose[0].source).split("\n\n");
        expect(heading).to.match(/^# .+/);
        expect(opening.replace(/\n/g, " ").match(/[.!?](?= |$)/g)).to.have.length(2);
        expect(rest.join("\n\n")).to.include("without any download");
        expect(code.at(-1)!.id).to.equal("check");
        expect(joined(code.at(-1)!.source)).to.match(/^check\(|^ {2}check\(/m);
      });

      it("explains each step, gives every plot a caption, and keeps to lines that fit", () => {
        notebook.cells.forEach((cell, i) => {
          if (cell.cell_type === "code")
            expect(notebook.cells[i - 1]?.cell_type, `above ${cell.id}`).to.equal("markdown");
          for (const line of joined(cell.source).split("\n")) expect(line.length, line).to.be.at.most(120);
        });
        const all = code.map(({ source }) => joined(source)).join("\n");
        expect(all.match(/caption:/g)).to.have.length((all.match(/await show\(/g) ?? []).length);
        // Nothing random but from a seed.
        expect(all)
          .to.not.match(/Math\.random|randomNormal\(\[|shuffle: true/)
          .and.not.match(/\bfetch\(|loadImage|https?:/);
      });
    });
});
