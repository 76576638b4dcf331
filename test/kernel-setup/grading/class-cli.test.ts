import { spawnSync } from "node:child_process";
import { closeSync, cpSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "../../notebooks/course";
import { sheet, submit, temporaryCourse } from "./class-course";
import { noSandbox } from "./hostile-course";

interface Said {
  status: number | null;
  out: string;
  err: string;
}
const command = [process.execPath, join(root, "lib", "bin", "vitrine.cjs")];
function run([program, ...args]: readonly string[], out: "pipe" | number = "pipe"): Said {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 60_000,
    stdio: ["ignore", out, "pipe"],
  });
  return { status, out: stdout, err: stderr };
}
const vitrine = (...args: string[]): Said => run([...command, ...args]);

describe("vitrine grade, feedback, export: the command line", function () {
  this.timeout(120_000);
  const { course, remove } = temporaryCourse();
  after(() => remove());

  it("wrong usage: exit 2, one line that says what is allowed", () => {
    for (const [args, words] of [
      [["grade"], /SHEET is missing/],
      [["grade", sheet, "--due", "soon"], /--due is "soon"; allowed: a day and a time like/],
      [["grade", sheet, "--due", "2026-11-30"], /--due is "2026-11-30"; allowed: a day and a time like/],
      [["grade", sheet, "--late-penalty", "200"], /from 0 to 100/],
      [["grade", sheet, "--partition", "x"], /goes with --slurm/],
      [["export", sheet], /--format moodle\|canvas\|plain is missing/],
      [["export", sheet, "--format", "excel"], /allowed: moodle, canvas, plain/],
      [["feedback"], /SHEET is missing/],
      // What nobody could read the next time, nobody at all, and another file of the course's.
      [["grade", sheet, "--seed", "9007199254740993"], /--seed is .*; allowed: an integer of no more than 15 digits/],
      [["grade", sheet, "--due", "9999-12-31T23:59-01:00"], /--due is .*; allowed: a day and a time like/],
      [["grade", sheet, "--due", "0226-11-30T23:59"], /--due is .*; allowed: a day and a time like/],
      [["grade", sheet, "--students", ","], /--students is ","; allowed: one name or more/],
      [["feedback", sheet, "--students", ""], /--students is ""; allowed: one name or more/],
      [["export", sheet, "--format", "plain", "--out", `${sheet}.ipynb`], /--out is .*ends with \.csv/],
    ] as const) {
      const { status, err } = vitrine(...args);
      expect([status, err.trim().split("\n").length], err).to.deep.equal([2, 1]);
      expect(err).to.match(words);
    }
  });

  it("a gradebook, or a secret, that is damaged is said once, with the file, before anything is graded", () => {
    submit(course, "ann");
    const judge = join(course.source(sheet), "judge"),
      secret = join(course.root, "reports", "judge-secret"),
      results = course.results("ann", sheet);
    mkdirSync(judge, { recursive: true });
    mkdirSync(results, { recursive: true });
    const task = { task: "task-1", points: "check-1", functions: ["x"], teaches: [] };
    writeFileSync(
      join(judge, "task-1.ts"),
      `import { defineTask } from "vitrine/judge";\nexport default defineTask({ ...${JSON.stringify(task)}, ` +
        `parts: [{ name: "it", points: 1, test: () => undefined }] });`,
    );
    // On a disk that is read-only Node itself says that there is no such folder.
    if (!noSandbox) {
      const readOnly = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"];
      const { status, err } = run([...readOnly, ...command, "grade", sheet, "--course", course.root]);
      expect([status, err.trim().split("\n").length], err).to.deep.equal([1, 1]);
      expect(err).to.match(/cannot be graded: .*judge-secret cannot be written: .*reports is read-only for this user/);
    }
    mkdirSync(join(course.root, "reports"), { recursive: true });
    writeFileSync(secret, "short");
    const refused = vitrine("grade", sheet, "--course", course.root);
    expect([refused.status, refused.err.trim().split("\n").length], refused.err).to.deep.equal([1, 1]);
    expect(refused.err).to.match(/cannot be graded: .*judge-secret is no secret of 64 hexadecimal digits: remove it/);
    writeFileSync(join(course.root, "gradebook.db"), "this is no database of SQLite's ".repeat(100));
    writeFileSync(
      join(results, "results.json"),
      JSON.stringify({ score: 0, tests: [], vitrine: { status: "graded", tasks: [] } }),
    );
    for (const args of [
      ["feedback", sheet],
      ["export", sheet, "--format", "plain"],
    ]) {
      const { status, err } = vitrine(...args, "--course", course.root);
      expect([status, err.trim().split("\n").length], err).to.deep.equal([1, 1]);
      expect(err).to.match(/The gradebook \(.*gradebook\.db\) cannot be read: .*file is not a database/);
    }
    for (const each of [judge, results, secret, join(course.root, "gradebook.db")]) rmSync(each, { recursive: true });
  });

  it("a full disk under what is printed is said in one line", function () {
    if (!existsSync("/dev/full")) this.skip();
    const full = openSync("/dev/full", "w");
    const { status, err } = run([...command, "grade", "--help"], full);
    closeSync(full);
    expect([status, err]).to.deep.equal([1, "vitrine: What is said cannot be written: ENOSPC.\n"]);
  });

  it("a folder where nbgrader would find nothing is refused before anything is graded", () => {
    for (const name of ["ML [2026]", "x%20y"]) {
      const folder = join(course.root, name);
      mkdirSync(folder);
      cpSync(join(course.root, "source"), join(folder, "source"), { recursive: true });
      const { status, err } = vitrine("grade", sheet, "--course", folder);
      expect([status, err.trim().split("\n").length], err).to.deep.equal([1, 1]);
      expect(err).to.match(/the course's folder is .*allowed: a path without \[, \] and %/i);
      rmSync(folder, { recursive: true });
    }
  });

  it("what cannot be graded: exit 1, one line with the cause", () => {
    submit(course, "ann");
    for (const [args, words] of [
      [["grade", "04-fashon", "--course", course.root], /Did you mean 04-fashion-mnist-occlusion/],
      [["grade", sheet, "--course", course.root], /cannot be graded: there are no hidden tests/],
      [["feedback", sheet, "--course", course.root], /graded submissions is 0.*npx vitrine grade/],
      [["export", sheet, "--format", "plain", "--course", course.root], /graded submissions is 0/],
    ] as const) {
      const { status, err } = vitrine(...args);
      expect([status, err.trim().split("\n").length], err).to.deep.equal([1, 1]);
      expect(err).to.match(words);
    }
  });
});
