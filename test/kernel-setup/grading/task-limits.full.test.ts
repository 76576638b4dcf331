import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { gradeSubmission } from "../../../kernel-setup/grading/grade-submission";
import type { Results } from "../../../kernel-setup/grading/results";
import { Allowance, MachineBusy } from "../../../kernel-setup/grading/sandbox/allowance";
import { sandboxCommand } from "../../../kernel-setup/grading/sandbox/command";
import { processTree } from "../../../kernel-setup/grading/sandbox/process-tree";
import { stageFor } from "../../../kernel-setup/grading/sandbox/stage";
import { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";
import { projectRoot } from "../../helpers/jupyter-client";
import { cellOf, functionCell, HostileCourse, noSandbox, sheet, solved, type Code } from "./hostile-course";
import { writeTasks } from "./hostile-sheet";

/** Right, after this was done first. */
const first = (code: string): Code => ({
  body:
    `${code}\n  return tf.grad((x) => tf.sum(tf.mul(model.logits(x as tf.Tensor4D), tf.oneHot(tf.tensor1d(target, ` +
    `"int32"), 10))))(images);`,
});
const gigabyte = first("(globalThis as any).held ??= Array.from({ length: 60 }, () => Buffer.alloc(2 ** 24, 1));");
const child = "const held = Buffer.alloc(250 * 2 ** 20, 1); setInterval(() => held.length, 1000);";
const children = first(`for (let i = 0; i < 3; i++) require("child_process").spawn("/opt/bin/node",
    ["--v8-pool-size=0", "-e", ${JSON.stringify(child)}], { stdio: "ignore" });
  const end = Date.now() + 4000; while (Date.now() < end);`);

/** Ends the process from outside: what could end it from inside is refused in cells. */
const ends =
  `require("child_process").execFileSync(process.execPath, ` +
  `["-e", "process.kill(" + process.pid + ", 'SIGTERM')"]);`;

describe(`grading: limits of a task of its own${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(600_000);
  let course: HostileCourse, results: Results;
  // One submission: a sandbox is started for each task, since the one before ended it or may have other memory.
  before(async function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    const limits = "limits: { memoryMiB: 300 },",
      notebook = solved();
    writeTasks(join(course.root, "source", sheet, "judge"), [
      { task: 1, points: 3, limits },
      { task: 2, points: 4, limits },
      { task: 3, points: 5, limits: "" },
    ]);
    [children, gigabyte, gigabyte].forEach((code, i) => {
      cellOf(notebook, `task-${i + 1}`).source = functionCell(`attack${i + 1}`, code);
    });
    results = await gradeSubmission({
      sheet,
      notebook: course.submit("greedy", notebook),
      root: projectRoot,
      course: course.root,
    });
  });
  after(() => course?.remove());

  it("who takes 1 GB where 300 MiB are allowed is told so; where 1 GiB is, the same function has its points", () => {
    const {
      vitrine: { status, tasks, memoryMiB },
    } = results;
    expect(status).to.equal("graded");
    expect(tasks[1], JSON.stringify(tasks)).to.include({ points: 0, status: "failed" });
    expect(tasks[1].reason).to.match(/memory that it may have for this task (is|\()\s?300 MiB/);
    expect(tasks[2], JSON.stringify(tasks)).to.include({ points: 5, status: "passed" });
    expect(memoryMiB, "measured").to.be.within(960, 2500);
  });

  it("memory of all processes together counts", () => {
    const [task] = results.vitrine.tasks;
    expect(task, JSON.stringify(task)).to.include({ points: 0, status: "failed" });
    expect(task.reason).to.match(/\(300 MiB\)/);
  });

  it("cells that run once more after the process was ended have one time for all restarts", async () => {
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const source = `const until = process.cpuUsage().user + 1.5e6; while (process.cpuUsage().user < until);
      function leave(): number { ${ends} return 1; }`;
    const kernel = new StudentKernel(
      (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
      [{ name: "task-1", source }],
      { again: 2 },
    );
    const told: string[] = [];
    try {
      for (let i = 0; i < 5; i++)
        await kernel.call("task-1", "leave", [], new Allowance(10)).catch((fault: Error) => told.push(fault.message));
    } finally {
      await kernel.close();
    }
    const ended = told.findIndex((words) => words.includes("ended its process again and again"));
    // One or two restarts use it up: with the number of ends alone it would be the sixth call.
    expect(ended, told.join("; ")).to.be.within(1, 3);
  });

  it("calls that end the process cost no other task its points; cells that do are tried five times", async () => {
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const command = (memoryMiB: number): ReturnType<typeof sandboxCommand> =>
      sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 });
    const own = {
      name: "task-1",
      source: `function leave(): number { ${ends} return 1; }\nfunction right(): number { return 7; }`,
    };
    const call = (kernel: StudentKernel, name: string): Promise<unknown> =>
      kernel.call("task-1", name, [], new Allowance(10)).catch((fault: Error) => fault.message);
    const kernel = new StudentKernel(command, [own]);
    try {
      for (let i = 0; i < 6; i++) expect(await call(kernel, "leave")).to.match(/ended the process that it ran in/);
      expect(await call(kernel, "right")).to.equal(7);
    } finally {
      await kernel.close();
    }
    const deadly = new StudentKernel(command, [
      own,
      ...Array.from({ length: 6 }, (_, i) => ({ name: `cell ${i}`, source: ends })),
    ]);
    try {
      expect(await call(deadly, "right")).to.match(/ended its process again and again/);
    } finally {
      await deadly.close();
    }
  });

  it("cells in which a student tries things out for minutes cost no task its points", async () => {
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const busy = `const t0 = process.cpuUsage().user; while (process.cpuUsage().user - t0 < 1.6e6);`;
    const kernel = new StudentKernel(
      (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
      [
        ...Array.from({ length: 8 }, (_, i) => ({
          name: `cell ${i}`,
          source: `{ ${busy} }\nfunction helper${i}(): number { return ${i}; }`,
        })),
        { name: "task-1", task: "task-1", source: `function leave(): number { ${ends} return 1; }` },
        { name: "task-2", task: "task-2", source: "function right(): number { return helper7(); }" },
      ],
      { all: 6, again: 6 },
    );
    try {
      for (let i = 0; i < 3; i++) {
        expect(await kernel.call("task-2", "right", [], new Allowance(10))).to.equal(7);
        await kernel.call("task-1", "leave", [], new Allowance(10)).catch(() => undefined);
      }
      expect(await kernel.call("task-2", "right", [], new Allowance(10))).to.equal(7);
    } finally {
      await kernel.close();
    }
  });

  it("what many cells print together is no flood: each has as much", async () => {
    const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
    const kernel = new StudentKernel(
      (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
      [
        ...Array.from({ length: 7 }, (_, i) => ({
          name: `cell ${i}`,
          source: `for (let i = 0; i < 80; i++) require("fs").writeSync(1, "x".repeat(65536));`,
        })),
        { name: "task-1", source: "function right(): number { return 7; }" },
      ],
    );
    try {
      expect(await kernel.call("task-1", "right", [], new Allowance(10))).to.equal(7);
    } finally {
      await kernel.close();
    }
  });

  describe("on a processor that eight others want, too", () => {
    const others: ChildProcess[] = [];
    let kernel: StudentKernel;
    before(async () => {
      const stage = stageFor(projectRoot, { taught: new Map(), uses: new Set() });
      const work = `function work(seconds: number): string {
          const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
          const until = used() + 1e6 * seconds; let sum = 0;
          while (used() < until) for (let i = 0; i < 1e6; i++) sum += Math.sqrt(i);
          return sum > 0 ? "done" : ""; }
        async function rest(seconds: number): Promise<string> {
          await new Promise((resolve) => setTimeout(resolve, 1000 * seconds)); return "rested"; }`;
      kernel = new StudentKernel(
        (memoryMiB) => sandboxCommand(projectRoot, stage.folder, { memoryMiB, cpuSeconds: 120 }),
        [{ name: "task-1", source: work }],
      );
      // The first call loads the library.
      await kernel.call("task-1", "rest", [0], new Allowance(60));
      // Sessions of their own, since some systems share out time by session. They end by themselves.
      for (let i = 0; i < 8; i++)
        others.push(
          spawn(process.execPath, ["-e", "const end = Date.now() + 120000; while (Date.now() < end);"], {
            stdio: "ignore",
            detached: true,
          }),
        );
      const ours = processTree(process.pid).filter((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("/opt/bin/node"),
      );
      expect(ours).to.have.length(1);
      for (const pid of [...others.map((each) => each.pid!), ...ours])
        expect(spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", "0", String(pid)]).status).to.equal(0);
    });
    after(async () => {
      for (const each of others) each.kill("SIGKILL");
      await kernel?.close();
    });

    it("one second of work has two seconds' allowance and no more, however long it takes on the clock", async () => {
      const allowance = new Allowance(2),
        started = performance.now();
      expect(await kernel.call("task-1", "work", [1], allowance)).to.equal("done");
      expect((performance.now() - started) / 1000, "seconds on the clock").to.be.above(2);
      expect(allowance.used).to.be.within(0.9, 1.9);
    });

    it("sleep counts as ever", async () => {
      const allowance = new Allowance(60);
      await kernel.call("task-1", "rest", [2], allowance);
      // Less than 2 where the grader, too, seldom gets to look.
      expect(allowance.slept).to.be.within(0.3, 3);
    });

    it("where the machine has no time at all, that is said, and is not the student's fault", async () => {
      const thrown: unknown = await kernel
        .call("task-1", "work", [30], new Allowance(60, 4))
        .catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(MachineBusy);
      expect((thrown as Error).message).to.match(
        /^the machine is too busy: in \d seconds it gave the sandbox \d\.\d of the 60 that it may have$/,
      );
    });
  });
});
