import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { sandboxMissing } from "../../../kernel-setup/grading/sandbox/command";
import { resultsFile } from "../../../kernel-setup/grading/class/results";
import { missing, notebooks, root } from "../../notebooks/course";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";

const needs = sandboxMissing() ? "bubblewrap" : undefined;

describe(`vitrine grade, with the real judge in its sandbox${needs ? ` [needs service ${needs}]` : ""}`, function () {
  this.timeout(300_000);
  const { course, remove } = temporaryCourse();
  const command = [join(root, "lib", "bin", "vitrine.cjs"), "grade", sheet, "--course", course.root];
  before(function () {
    if (needs || missing()) this.skip();
    cpSync(join(notebooks, "source", sheet, "judge"), join(course.source(sheet), "judge"), { recursive: true });
  });
  after(() => remove());

  // From a download to the gradebook: hostile-class.full.test.ts.
  it("Ctrl-C: exit 1 and one line; nothing is left running or half-written", async () => {
    submit(course, "eve", handedIn({ "task-1": "function myGradient() { while (true) {} }" }));
    const child = spawn(process.execPath, [...command, "--no-gradebook"], { stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    child.stderr.on("data", (chunk) => (err += chunk));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const atWork = (): string[] =>
      spawnSync("ps", ["-eo", "args="], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((line) => line.includes(join(course.root, "submitted", "eve")));
    while (atWork().length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill("SIGINT");
    expect(await ended).to.equal(1);
    expect(err).to.match(/Interrupted: what was graded is kept/);
    expect(existsSync(resultsFile(course, "eve", sheet))).to.equal(false);
    expect(atWork()).to.deep.equal([]);
  });
});
