import { expect } from "chai";
import { openCourse, sheetOf } from "../../../kernel-setup/grading/sheet/course";
import { sandboxMissing } from "../../../kernel-setup/grading/sandbox/command";
import { missing, sheets } from "../../notebooks/course";
import { edit, failures, proofsOf, replace, scaffolded } from "./sheet-course";

const without = sandboxMissing();

describe(`sheets: the judge, asked about solutions, stubs and mutants${without ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(900_000);
  before(function () { if (without || missing()) this.skip(); });

  // Whether they run is tested in test/notebooks.
  for (const name of sheets()) {
    it(`${name}: every proof holds, each mutant is caught`, async () => {
      const proofs = await proofsOf(sheetOf(openCourse(), name), { run: false });
      expect(failures(proofs)).to.deep.equal([]);
      expect(proofs.filter(({ what }) => what.startsWith("mutant")).length).to.be.at.least(9);
    });
  }

  it("a scaffolded sheet holds as it stands, run and all", async () => {
    const { sheet, remove } = scaffolded();
    try {
      const proofs = await proofsOf(sheet, {});
      expect(failures(proofs)).to.deep.equal([]);
      expect(proofs.map(({ what }) => what)).to.include.members(["solution", "stub", "mutant task-1", "run", "checks", "captions"]);
    } finally {
      remove();
    }
  });

  it("a wrong solution, a stub that knows too much, a mutant that gets away, a cell that fails and one that is slow are found", async () => {
    const { sheet, remove } = scaffolded();
    try {
      edit(sheet, (cell) => {
        replace(cell("task-1"), "Math.max(0, value)", "Math.abs(value)");
        replace(cell("check-1"), /[\s\S]+/, "myShare([[1]], { top: 0, left: 0, bottom: 1, right: 1 });");
      });
      const wrong = failures(await proofsOf(sheet, { secondsPerCell: 0.001 }));
      expect(wrong.join("\n")).to.match(/^solution: task-1 2\/3/m).and.match(/^run: .* takes .* s, more than 0.001/m).and.match(/^checks: check-1 says nothing/m);
      edit(sheet, (cell) => {
        replace(cell("task-1"), "/// BEGIN SOLUTION", "");
        replace(cell("task-1"), "/// END SOLUTION", "/// BEGIN SOLUTION\n  /// END SOLUTION");
        replace(cell("halves"), "upper: Box", "upper: number");
      });
      const known = failures(await proofsOf(sheet, {}));
      expect(known.join("\n")).to.match(/^stub: the sheet as handed out gets [23] of 3 points, more than 20 %/m).and.match(/^run: Error in .*TypeScriptError: .*not assignable/m);
    } finally {
      remove();
    }
  });
});
