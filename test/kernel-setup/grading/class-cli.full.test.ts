import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { sandboxMissing } from "../../../kernel-setup/grading/sandbox/command";
import { readResults, resultsFile } from "../../../kernel-setup/grading/class/results";
import { joined, missing, notebookPath, notebooks, readNotebook, root } from "../../notebooks/course";
import { handedIn, sheet, submit, temporaryCourse, zip } from "./class-course";

const needs = sandboxMissing() ? "bubblewrap" : undefined;

describe(`vitrine grade, with the real judge in its sandbox${needs ? ` [needs service ${needs}]` : ""}`, function () {
  this.timeout(300_000);
  const { course, remove } = temporaryCourse();
  const command = [join(root, "lib", "bin", "vitrine.cjs"), "grade", sheet, "--course", course.root];
  const vitrine = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...args], { encoding: "utf8" });
    expect(status, stderr).to.equal(0);
    return stdout;
  };
  before(function () {
    if (needs || missing()) this.skip();
    cpSync(join(notebooks, "source", sheet, "judge"), join(course.source(sheet), "judge"), { recursive: true });
  });
  after(() => remove());

  const source = readNotebook(notebookPath("source", sheet));
  const solution = Object.fromEntries(source.cells.filter(({ id }) => /^task-\d$/.test(id)).map(({ id, source: text }) => [id, joined(text)]));

  it("from a download to the gradebook: the solution has all points, a stub none, and the library's answer none", () => {
    const download = join(course.root, "download.zip");
    const entry = (cells: Record<string, string>): string => JSON.stringify(handedIn(cells));
    writeFileSync(download, zip({
      [`Ann A_1_assignsubmission_file_/${sheet}.ipynb`]: entry(solution),
      [`Bob B_2_assignsubmission_file_/${sheet}.ipynb`]: entry({}),
      [`Cat C_3_assignsubmission_file_/${sheet}.ipynb`]: entry({ ...solution, "task-1": "async function myGradient(model: any, images: any, target: any) { return (await saliency(model, images, { target })).values; }" }),
      [`Dan D_4_assignsubmission_file_/${sheet}.ipynb`]: "{ no notebook",
    }));
    // Cat's second task needs the first.
    const said = vitrine("--from", download, "--jobs", "2");
    expect(said).to.match(/^ann-a-1 +3 +4 +5 +12 .*graded$/m).and.match(/^bob-b-2 +0 +0 +0 +0 .*graded$/m).and.match(/^cat-c-3 +0 +0 +5 +5 .*graded$/m).and.match(/^dan-d-4 +error +error +error +error .*error$/m);
    expect(said).to.match(/4 submissions: 3 graded, 1 with an error; 4 graded now/);
    expect(existsSync(join(course.root, "gradebook.db"))).to.equal(true);
    const before = readFileSync(resultsFile(course, "ann-a-1", sheet), "utf8");
    expect(vitrine()).to.match(/0 graded now, 4 unchanged/);
    // The same seed, the same points.
    vitrine("--force", "--students", "ann-a-1");
    expect(readResults(resultsFile(course, "ann-a-1", sheet)).score).to.equal((JSON.parse(before) as { score: number }).score);
  });

  it("Ctrl-C: exit 1 and one line; nothing is left running or half-written", async () => {
    submit(course, "eve", handedIn({ ...solution, "task-1": "function myGradient() { while (true) {} }" }));
    const child = spawn(process.execPath, [...command, "--no-gradebook"], { stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    child.stderr.on("data", (chunk) => (err += chunk));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const atWork = (): string[] => spawnSync("ps", ["-eo", "args="], { encoding: "utf8" }).stdout.split("\n").filter((line) => line.includes(join(course.root, "submitted", "eve")));
    while (atWork().length === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill("SIGINT");
    expect(await ended).to.equal(1);
    expect(err).to.match(/Interrupted: what was graded is kept/);
    expect(existsSync(resultsFile(course, "eve", sheet))).to.equal(false);
    expect(atWork()).to.deep.equal([]);
  });
});
