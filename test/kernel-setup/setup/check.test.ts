import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { passedBefore } from "../../../kernel-setup/course/sheet/check-record";
import { openStudentSheet } from "../../../kernel-setup/course/sheet/student-sheet";
import { joined, missing, notebookPath, readNotebook } from "../../notebooks/course";
import { node } from "./load";

const sheet = "04-fashion-mnist-occlusion";

describe("vitrine check: a sheet's checks without opening it", function () {
  this.timeout(240_000);
  let folder: string;
  before(function () {
    if (missing()) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "vitrine-check-test-"));
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  it("runs the student's code and says what each check says; read-only cells are as they were handed out", () => {
    const notebook = readNotebook(notebookPath("release", sheet)),
      solved = readNotebook(notebookPath("source", sheet));
    const cell = (id: string) => notebook.cells.find((each) => each.id === id)!,
      solution = (id: string): string => joined(solved.cells.find((each) => each.id === id)!.source);
    cell("task-1").source = solution("task-1").replace(
      "return tf.grad(score)(images)",
      "return tf.neg(tf.grad(score)(images))",
    );
    cell("task-3").source = solution("task-3");
    // Changed to say that all is well: it is not what runs.
    cell("check-1").source = 'console.log("✓ all right");';
    // What only shows something does not run, so that it cannot fail here.
    cell("garments-show").source = 'throw new Error("this cell only shows something");';
    const file = join(folder, "mine.ipynb");
    writeFileSync(file, JSON.stringify(notebook));
    const { status, stdout, stderr } = node("lib/bin/vitrine.cjs", ["check", file]);
    expect(status, stderr).to.equal(1);
    const [, first, second, third] = stdout.split(/^check-/m);
    expect(first)
      .to.match(
        /^1 \(3 points\)\n {2}· Tried on a small network .*\n {2}✓ Shape: .*\n {2}✗ Sign: every value has the opposite sign/,
      )
      .and.not.include("all right");
    expect(second).to.include("✗ Task 2 is not implemented yet");
    expect(third).to.include("✓ Windows").and.include("1 of 3 checks pass.").and.not.include("✗");
    expect(stdout).to.not.include("only shows something");
    // Kept for npx vitrine status and the start page, as long as this is the code.
    expect(passedBefore(openStudentSheet(file))).to.deep.equal({ "check-1": false, "check-2": false, "check-3": true });
  });
});
