import { expect } from "chai";
import { Allowance } from "../../../kernel-setup/grading/sandbox/allowance";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import type { SelectedCell } from "../../../kernel-setup/grading/notebook/select-cells";
import { projectRoot } from "../../helpers/jupyter-client";
import { noSandbox } from "./hostile-course";

/** In the student's notebook each check stands right below its task's cell: it never saw what comes later. */
const needs = noSandbox ? " [needs service bubblewrap]" : "";
describe(`grading: helpers of one name in several tasks' cells${needs}`, function () {
  this.timeout(120_000);
  before(function () {
    if (noSandbox) this.skip();
  });
  const solution = (task: string, source: string): SelectedCell => ({ name: task, task, source });

  it("each task has its own; what stands in no task's cell is for all of them", async () => {
    const sheet: SelectedCell = {
      name: "sheet",
      source: `function given(): string { return "the sheet's"; }`,
      only: "declarations",
      own: true,
    };
    const cells = [
      sheet,
      solution(
        "task-1",
        `const help = () => 1, mend = () => "wrong"; function first() { return [help(), mend(), given()]; }`,
      ),
      { name: "cell 3", source: `const mend = () => "mended";` },
      // Fails on its way: what comes after is computed past it.
      solution(
        "task-2",
        `const help = Math.sqrt(4); pictures.length; const more = [help].map((x) => x + 1);
        function second() { return [help, more, given()]; } function given() { return "task 2's"; }`,
      ),
      solution(
        "task-3",
        `const help = "3", mend = 3, more = 3; function third() { return [help, mend, more, given()]; }`,
      ),
      solution("task-4", `const unit = 1; function fourth() { throw new Error("not implemented"); }`),
      // Written further down, with its own helper.
      solution("task-5", `const unit = 5; function fourth() { return unit; } function fifth() { return unit; }`),
    ];
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const kernel = new StudentKernel(
      (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
      cells,
    );
    const asked = (task: string, name: string) => kernel.call(task, name, [], new Allowance(20));
    try {
      // Twice, and in another order: to ask changes nothing.
      for (const order of [
        [0, 1, 2, 3, 4],
        [4, 2, 0, 3, 1],
      ])
        // prettier-ignore
        for (const i of order) {
          const [task, name, right] = (
            [
              ["task-1", "first", [1, "mended", "the sheet's"]],
              ["task-2", "second", [2, [3], "task 2's"]],
              ["task-3", "third", ["3", 3, 3, "task 2's"]],
              ["task-4", "fourth", 5],
              ["task-5", "fifth", 5],
            ] as const
          )[i];
          expect(await asked(task, name), task).to.deep.equal(right);
        }
    } finally {
      await kernel.close();
    }
  });

  it("so it is with what a cell assigns, declares in a loop or block, or leaves undefined", async () => {
    const cells = [
      { name: "cell 1", source: `let mode = "none";` },
      solution(
        "task-1",
        `let scale = 1, net: any; mode = "first"; for (var i = 0; i < 3; i++) { var inner = i; }
        function first() { net ??= "built"; return [scale, net, mode, i, inner]; }`,
      ),
      solution(
        "task-2",
        `scale = 2; let net: any = "another"; mode = "second"; for (var i = 0; i < 5; i++) { var inner = i; }
        function second() { return [scale, net, mode, i, inner]; }`,
      ),
    ];
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const kernel = new StudentKernel(
      (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
      cells,
    );
    try {
      for (const round of [1, 2]) {
        const first = await kernel.call("task-1", "first", [], new Allowance(20));
        expect(first, `task 1, ${round}`).to.deep.equal([1, "built", "first", 3, 2]);
        const second = await kernel.call("task-2", "second", [], new Allowance(20));
        expect(second, `task 2, ${round}`).to.deep.equal([2, "another", "second", 5, 4]);
      }
    } finally {
      await kernel.close();
    }
  });
});
