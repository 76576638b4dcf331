import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { errorsOf, execute, joined, missing, notebookPath, notebooks, printed, readNotebook, root, sheets, type Notebook } from "./course";

const script = join(notebooks, "tools", "release.mjs");

describe("notebooks: releases", function () {
  this.timeout(600_000);
  before(function () {
    if (missing()) this.skip();
  });

  for (const sheet of sheets()) {
    describe(sheet, () => {
      let again: string, folder: string;
      before(() => {
        folder = mkdtempSync(join(tmpdir(), "vitrine-release-test-"));
        const code = `import(${JSON.stringify(script)}).then(({ release }) => release(${JSON.stringify(sheet)}, ${JSON.stringify(folder)}))`;
        const made = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
        expect(made.status, made.stderr).to.equal(0);
        again = readFileSync(join(folder, sheet, `${sheet}.ipynb`), "utf8");
      });
      after(() => folder && rmSync(folder, { recursive: true, force: true }));

      it("what is committed is what the source gives now", () => {
        expect(readFileSync(notebookPath("release", sheet), "utf8") === again, "run: node notebooks/tools/release.mjs").to.equal(true);
      });

      it("no line of a solution, model answer, rubric or hidden test is in it", () => {
        const source = readNotebook(notebookPath("source", sheet)), released = readNotebook(notebookPath("release", sheet));
        const text = released.cells.map((cell) => joined(cell.source)).join("\n");
        expect(text).to.not.match(/BEGIN|END SOLUTION|HIDDEN|Model answer|Rubric/);
        for (const cell of source.cells) {
          const whole = joined(cell.source), nbgrader = cell.metadata.nbgrader;
          if (!nbgrader?.solution) continue;
          const secret = cell.cell_type === "markdown" ? whole : whole.split("/// BEGIN SOLUTION")[1].split("/// END SOLUTION")[0];
          const lines = secret.split("\n").map((line) => line.trim()).filter((line) => line.length > 25);
          expect(lines.length, cell.id).to.be.above(0);
          for (const line of lines) expect(text, line).to.not.include(line);
        }
        for (const cell of released.cells) expect(cell.outputs ?? []).to.deep.equal([]);
      });

      it("no hidden test comes along", () => {
        expect(readdirSync(join(folder, sheet), { recursive: true })).to.deep.equal([`${sheet}.ipynb`]);
      });

      it("locks what is not the student's, and keeps the points", () => {
        const released = readNotebook(notebookPath("release", sheet));
        const check = released.cells.find(({ id }) => id === "check-1") as { metadata: Record<string, unknown> };
        expect(check.metadata.editable).to.equal(false);
        const pointsOf = ({ cells }: Notebook): number => cells.reduce((sum, { metadata }) => sum + (metadata.nbgrader?.points ?? 0), 0);
        expect(pointsOf(released)).to.equal(pointsOf(readNotebook(notebookPath("source", sheet)))).and.be.above(0);
      });
    });
  }

  it("a sheet that does not exist is refused by name, and leaves nothing behind", () => {
    const { status, stderr } = spawnSync(process.execPath, [script, "99-nothing"], { encoding: "utf8", cwd: root });
    expect(status).to.equal(1);
    expect(stderr).to.match(/no sheet 99-nothing.*04-fashion-mnist-occlusion/);
  });

  describe("04-fashion-mnist-occlusion, as a student opens it", () => {
    let run: Notebook;
    before(() => {
      run = execute(notebookPath("release", "04-fashion-mnist-occlusion"), "stubs", { allowErrors: true });
    });

    it("the checks say politely that nothing is implemented", () => {
      for (const number of [1, 2, 3]) {
        const [error] = errorsOf(run).filter(({ cell }) => cell === `check-${number}`);
        expect(error.ename).to.equal("CheckFailed");
        expect(error.evalue).to.equal(`✗ Task ${number} is not implemented yet. Write your code in the cell above, run it, then run this check again.`);
        expect((error.traceback ?? []).join("\n")).to.not.match(/node_modules|dist\/|callStudent/);
      }
    });

    it("what needs no answer runs", () => {
      const failed = new Set(errorsOf(run).map(({ cell }) => cell));
      for (const id of ["setup", "garments-show", "probabilities", "certainty", "region", "occlude", "task-1", "task-2", "task-3"]) expect(failed.has(id), id).to.equal(false);
      expect(printed(run, "region")).to.match(/Trouser 1.*relied on most around row \d+/);
    });
  });
});
