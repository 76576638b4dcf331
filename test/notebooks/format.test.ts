import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { joined, missing, notebookPath, python, readNotebook, root, sheets } from "./course";

const validate = `
import json, nbformat, sys
def fault(path):
    try:
        return nbformat.validate(nbformat.read(path, as_version=4)) or "valid"
    except Exception as error:
        return str(error)
print(json.dumps([fault(path) for path in sys.argv[1:]]))`;

let found: Readonly<Record<string, string>> | undefined;
/** What nbformat says of each sheet; asked once for all, since Python and nbformat take seconds to start. */
function faults(): Readonly<Record<string, string>> {
  const said = (): string[] =>
    JSON.parse(
      execFileSync(python, ["-c", validate, ...sheets().map((sheet) => notebookPath("source", sheet))], {
        encoding: "utf8",
      }),
    ) as string[];
  return (found ??= Object.fromEntries(said().map((words, i) => [sheets()[i], words])));
}

describe("notebooks: sources", () => {
  it("there is at least one sheet", () => {
    expect(sheets()).to.include("04-fashion-mnist-occlusion");
  });

  for (const sheet of sheets()) {
    describe(sheet, () => {
      const path = notebookPath("source", sheet);
      const notebook = readNotebook(path);

      it("is valid nbformat 4.5", function () {
        if (missing()) return this.skip();
        this.timeout(60_000);
        expect([notebook.nbformat, notebook.nbformat_minor]).to.deep.equal([4, 5]);
        expect(faults()[sheet]).to.equal("valid");
      });

      it("is committed without outputs, for the Vitrine kernel", () => {
        for (const cell of notebook.cells.filter(({ cell_type }) => cell_type === "code")) {
          expect(cell.outputs, cell.id).to.deep.equal([]);
          expect(cell.execution_count, cell.id).to.equal(null);
        }
        expect(notebook.metadata.kernelspec).to.include({
          name: "vitrine",
          language: "typescript",
          display_name: "TypeScript (Vitrine)",
        });
        expect(readFileSync(path, "utf8")).to.not.match(/\/work\/|file:\/\//);
      });

      it("has cell ids and grade ids that differ", () => {
        const ids = notebook.cells.map(({ id }) => id),
          grades = notebook.cells.flatMap(({ metadata }) => metadata.nbgrader?.grade_id ?? []);
        expect(new Set(ids).size).to.equal(ids.length);
        expect(new Set(grades).size).to.equal(grades.length);
      });

      it("has its heading's points; each task and question has the points that assignments.md says", () => {
        const page = readFileSync(join(root, "assignments.md"), "utf8");
        const own = page.split(/^## /m).find((section) => section.includes(sheet)) ?? "";
        const said = [...own.matchAll(/^\| (Task|Question) (\d) \|.*\| (\d+) \|/gm)].map(([, kind, number, points]) => [
          `${kind} ${number}`,
          Number(points),
        ]);
        const graded = notebook.cells.flatMap(({ metadata: { nbgrader } }) =>
          nbgrader?.grade && nbgrader.points
            ? [[nbgrader.grade_id.replace("check-", "Task ").replace("answer-", "Question "), nbgrader.points]]
            : [],
        );
        expect(Object.fromEntries(said)).to.deep.equal(Object.fromEntries(graded));
        const heading = /\*\*What counts\*\* \((\d+) points\)/.exec(joined(notebook.cells[0].source))?.[1];
        expect(graded.reduce((sum, [, points]) => sum + Number(points), 0))
          .to.equal(Number(heading))
          .and.equal(sheet === "00-warm-up" ? 10 : 20);
        const table = [...joined(notebook.cells[0].source).matchAll(/^\| (Task|Question) (\d) \|.*?\| (\d+) \|/gm)].map(
          ([, kind, number, points]) => [`${kind} ${number}`, Number(points)],
        );
        expect(table).to.deep.equal(said);
      });

      it("gives every plot a caption and every task a check of its own", () => {
        const code = notebook.cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => joined(source));
        const plots = code.join("\n").match(/await (show|explore)\(/g) ?? [],
          captions = code.join("\n").match(/caption:/g) ?? [];
        expect(plots.length).to.be.above(sheet === "00-warm-up" ? 3 : 5);
        expect(captions).to.have.length(plots.length);
        for (const cell of notebook.cells.filter(({ id }) => id.startsWith("task-"))) {
          expect(joined(cell.source), cell.id).to.match(/\/\/\/ BEGIN SOLUTION[\s\S]+\/\/\/ END SOLUTION/);
          expect(
            notebook.cells.some(
              ({ id, metadata }) =>
                id === cell.id.replace("task", "check") && metadata.nbgrader?.grade && metadata.nbgrader.locked,
            ),
          ).to.equal(true);
        }
      });
    });
  }
});
