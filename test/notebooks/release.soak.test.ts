import { expect } from "chai";
import { errorsOf, executeUntilError, missing, notebookPath, sheets } from "./course";

describe("notebooks: sheets as handed out", function () {
  this.timeout(300_000);
  before(function () {
    if (missing()) this.skip();
  });

  // Sheet 4 is run to its end in every run (release.test.ts), and in JupyterLab too.
  for (const sheet of sheets().filter((name) => !name.startsWith("04-"))) {
    it(`${sheet} stops at its first open task, and says so in words`, () => {
      const run = executeUntilError(notebookPath("release", sheet), `${sheet}-stub`);
      const errors = errorsOf(run);
      expect(errors.map(({ cell, ename }) => `${cell}: ${ename}`)).to.deep.equal(["check-1: CheckFailed"]);
      expect(errors[0].evalue).to.match(/^✗ Task 1 is not implemented yet/);
      expect((errors[0].traceback ?? []).join("\n")).to.not.match(/node_modules|dist\//);
    });
  }
});
