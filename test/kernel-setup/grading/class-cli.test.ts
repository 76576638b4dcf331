import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "../../notebooks/course";
import { sheet, submit, temporaryCourse } from "./class-course";

const vitrine = (...args: string[]): { status: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "lib", "bin", "vitrine.cjs"), ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr };
};

describe("vitrine grade, feedback, export: the command line", function () {
  this.timeout(120_000);
  const { course, remove } = temporaryCourse();
  after(() => remove());

  it("wrong usage: exit 2, one line that says what is allowed", () => {
    for (const [args, words] of [
      [["grade"], /SHEET is missing/],
      [["grade", sheet, "--due", "soon"], /--due is "soon"; allowed: a time like/],
      [["grade", sheet, "--late-penalty", "200"], /from 0 to 100/],
      [["grade", sheet, "--partition", "x"], /goes with --slurm/],
      [["export", sheet], /--format moodle\|canvas\|plain is missing/],
      [["export", sheet, "--format", "excel"], /allowed: moodle, canvas, plain/],
      [["feedback"], /SHEET is missing/],
    ] as const) {
      const { status, err } = vitrine(...args);
      expect([status, err.trim().split("\n").length], err).to.deep.equal([2, 1]);
      expect(err).to.match(words);
    }
  });

  it("what cannot be graded: exit 1, one line with the cause", () => {
    submit(course, "ann");
    for (const [args, words] of [
      [["grade", "04-fashion", "--course", course.root], /Did you mean 04-fashion-mnist-occlusion/],
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
