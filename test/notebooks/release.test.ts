import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { errorsOf, execute, missing, notebookPath, printed, root, type Notebook } from "./course";
import { describeRelease, script } from "./handed-out";

describe("notebooks: releases", function () {
  this.timeout(900_000);
  before(function () {
    if (missing()) this.skip();
  });

  // The others: release.full.test.ts.
  for (const sheet of ["00-warm-up", "04-fashion-mnist-occlusion"]) describeRelease(sheet);

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
        expect(error.evalue).to.equal(
          `✗ Task ${number} is not implemented yet. Write your code in the cell above, run it, then run this ` +
            `check again.`,
        );
        expect((error.traceback ?? []).join("\n")).to.not.match(/node_modules|dist\/|callStudent/);
      }
    });

    it("what needs no answer runs", () => {
      const failed = new Set(errorsOf(run).map(({ cell }) => cell));
      for (const id of [
        "setup",
        "garments-show",
        "probabilities",
        "certainty",
        "region",
        "occlude",
        "task-1",
        "task-2",
        "task-3",
      ])
        expect(failed.has(id), id).to.equal(false);
      expect(printed(run, "region")).to.match(/Trouser 1.*relied on most at row \d+/);
    });
  });
});
