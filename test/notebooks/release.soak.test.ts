import { expect } from "chai";
import { errorsOf, executeUntilError, missing, notebookPath, sheets } from "./course";
import { describeRelease } from "./handed-out";

describe("notebooks: releases", function () {
  this.timeout(300_000);
  before(function () {
    if (missing()) this.skip();
  });

  // Sheets 0 and 4 are looked at in every run.
  for (const sheet of sheets().filter((name) => !/^0[04]-/.test(name))) describeRelease(sheet);

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
