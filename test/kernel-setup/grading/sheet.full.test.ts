import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { sandboxMissing } from "../../../kernel-setup/grading/sandbox/command";
import { openCourse, sheetOf } from "../../../kernel-setup/grading/sheet/course";
import { leaksOfRelease } from "../../../kernel-setup/grading/sheet/release";
import { validateSheet } from "../../../kernel-setup/grading/sheet/validate";
import { missing, notebookPath, sheets } from "../../notebooks/course";
import { inPairs } from "./hostile-course";
import { edit, failures, proofsOf, replace, scaffolded } from "./sheet-course";
import { judgedTogether, type Judged } from "./sheet-judged";

const without = sandboxMissing();

describe(`sheets: the judge on solutions, stubs, mutants${without ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(900_000);
  const judged = new Map<string, Promise<Judged>>(),
    inTurn = inPairs();
  before(function () {
    if (without || missing()) return this.skip();
    for (const name of sheets())
      judged.set(
        name,
        inTurn(() => judgedTogether(sheetOf(openCourse(), name))),
      );
  });

  // Whether they run, and whether the released ones are what nbgrader makes of them, is tested in test/notebooks.
  for (const name of sheets()) {
    describe(name, () => {
      it("says the same in its table, its cells and its hidden tests, and hands out no secret", async () => {
        const sheet = sheetOf(openCourse(), name),
          seen: string[] = [];
        for await (const proof of validateSheet(sheet, { run: false, judge: false })) {
          expect(failures([proof])).to.deep.equal([]);
          if (seen.push(proof.what) === 4) break;
        }
        expect(seen).to.deep.equal(["metadata", "points", "hidden tests", "captions"]);
        expect(leaksOfRelease(sheet, notebookPath("release", name)).leaks).to.deep.equal([]);
      });

      it("the solution has all points", async () => {
        for (const { task, points, max, reasons } of (await judged.get(name)!).solution)
          expect([task, points], reasons).to.deep.equal([task, max]);
      });

      it("the sheet as handed out has next to none", async () => {
        const { stub } = await judged.get(name)!,
          sum = (of: "points" | "max"): number => stub.reduce((all, each) => all + each[of], 0);
        expect(stub.filter(({ broken }) => broken)).to.deep.equal([]);
        expect(sum("points"), JSON.stringify(stub)).to.be.at.most(0.2 * sum("max"));
      });

      it("each mutant loses the points that it is to lose", async () => {
        const { mutants } = await judged.get(name)!;
        expect(mutants.length).to.be.at.least(9);
        for (const { task, mutant, points, max, losesAtLeast, broken, reasons } of mutants) {
          expect(broken, `${task}, ${mutant}: ${reasons}`).to.equal(false);
          expect(max - points + 1e-9, `${task}, ${mutant}: points lost; ${reasons}`).to.be.at.least(losesAtLeast);
        }
      });

      it(
        "no task has a point for an empty answer, no values, NaN, zeros, another type, a huge answer, or one " +
          "learnt by heart",
        async () => {
          const { cheats, solution } = await judged.get(name)!;
          expect(cheats).to.have.length(solution.length);
          expect(failures(cheats)).to.deep.equal([]);
        },
      );
    });
  }

  it("a scaffolded sheet holds as it stands, run and all", async () => {
    const { sheet, remove } = scaffolded();
    try {
      const proofs = await proofsOf(sheet, { judge: false });
      expect(failures(proofs)).to.deep.equal([]);
      expect(proofs.map(({ what }) => what)).to.include.members(["release", "run", "checks", "captions"]);
      const { solution, mutants, cheats } = await judgedTogether(sheet);
      expect(solution.map(({ task, points, max }) => [task, max - points])).to.deep.equal([["task-1", 0]]);
      for (const { mutant, points, max, losesAtLeast, broken } of mutants)
        expect(!broken && max - points + 1e-9 >= losesAtLeast, mutant).to.equal(true);
      expect(failures(cheats)).to.deep.equal([]);
    } finally {
      remove();
    }
  });

  it(
    "a wrong solution, a stub that knows too much, a mutant that gets away, a check that says nothing and a slow " +
      "cell are found",
    async () => {
      const { sheet, remove } = scaffolded();
      try {
        edit(sheet, (cell) => {
          replace(cell("task-1"), "Math.max(0, value)", "Math.abs(value)");
          replace(cell("task-1"), "/// BEGIN SOLUTION", "");
          replace(cell("task-1"), "/// END SOLUTION", "/// BEGIN SOLUTION\n  /// END SOLUTION");
          replace(cell("check-1"), /[\s\S]+/, "myShare([[1]], { top: 0, left: 0, bottom: 1, right: 1 });");
        });
        // One mutant is enough: each starts a sandbox.
        const file = join(sheet.judge, "task-1.ts"),
          text = readFileSync(file, "utf8");
        const code = "function myShare(map: number[][], box: Box): number { return 1; }";
        writeFileSync(
          file,
          text.replace(
            /mutants: \[[\s\S]*\n  \],/,
            `mutants: [{ name: "always 1", losesAtLeast: 4, code: ${JSON.stringify(code)} }],`,
          ),
        );
        const wrong = failures(await proofsOf(sheet, { secondsPerCell: 0.001 })).join("\n");
        expect(wrong)
          .to.match(/^solution: task-1 2\/3/m)
          .and.match(/^stub: the sheet as handed out gets [23] of 3 points, more than 20 %/m)
          .and.match(/^mutant task-1: “always 1” loses \d of 3; at least 4 were to go/m)
          .and.match(/^run: .* takes .* s, more than 0.001/m)
          .and.match(/^checks: check-1 says nothing/m);
      } finally {
        remove();
      }
    },
  );

  it("hidden tests that take NaN or nothing for an answer, or fail for some inputs, are found", async () => {
    const { sheet, remove } = scaffolded();
    try {
      const file = join(sheet.judge, "task-1.ts"),
        text = readFileSync(file, "utf8");
      const loose = (words: string): string => `const got = ${words} as never as number, want = share(map, box);
      if (++asked === 4) throw new Error("not for these inputs");
      if (Math.abs(got - want) > 1e-6) throw new AnswerWrong("the share differs");`;
      const mutants =
        'mutants: [{ name: "calls energyPointingGame", losesAtLeast: 1, code: "function myShare(): number { ' +
        'return 5; }" }],';
      writeFileSync(
        file,
        text
          .replace("import { defineTask,", "let asked = 0;\nimport { AnswerWrong, defineTask,")
          .replace(/mutants: \[[\s\S]*\n  \],/, mutants)
          .replace(/expectClose\((await student.call\("myShare", \[map, [^;]*?\]\)), share[^;]*;/, (_, call: string) =>
            loose(call),
          ),
      );
      const wrong = failures(await proofsOf(sheet, { run: false })).join("\n");
      expect(wrong).to.match(
        /^seeds: task-1, “a map without negative values”, with the inputs of seed \d+: the hidden test itself failed: not for these inputs/m,
      );
    } finally {
      remove();
    }
  });

  it("a cell that fails is found", async () => {
    const { sheet, remove } = scaffolded();
    try {
      edit(sheet, (cell) => replace(cell("halves"), "upper: Box", "upper: number"));
      expect(failures(await proofsOf(sheet, { judge: false })).join("\n")).to.match(
        /^run: Error in .*TypeScriptError: .*not assignable/m,
      );
    } finally {
      remove();
    }
  });
});
