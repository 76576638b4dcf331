import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { runTask } from "../../../kernel-setup/grading/judge/run-task";
import { Allowance, LOOK_SECONDS, MachineBusy } from "../../../kernel-setup/grading/sandbox/allowance";
import { processTree, treeUsage, type TreeUsage } from "../../../kernel-setup/grading/sandbox/process-tree";
import type { StudentKernel } from "../../../kernel-setup/grading/sandbox/student-kernel";

const usage = (cpuSeconds: number, asleep = false): TreeUsage => ({ cpuSeconds, asleep, memoryMiB: 0, peakMiB: 0 });

/** Looks every 0.2 s of an invented clock. */
function after(allowance: Allowance, seconds: number, at: (second: number) => TreeUsage | undefined): Allowance {
  allowance.begin(at(0), 0);
  for (let i = 1; i * LOOK_SECONDS <= seconds && !allowance.over; i++)
    allowance.look(at(i * LOOK_SECONDS), 1000 * i * LOOK_SECONDS);
  return allowance;
}

describe("grading: the time that a call may take", function () {
  this.timeout(60_000);

  it("counts what is computed and what is slept, and not what is waited for a processor", () => {
    const loop = after(new Allowance(10), 60, (t) => usage(t));
    expect(loop).to.include({ over: "computing" });
    expect(loop.waited).to.be.closeTo(10, 0.3);
    const promise = after(new Allowance(10), 60, () => usage(1, true));
    expect(promise).to.include({ over: "sleeping" });
    expect(promise.waited).to.be.closeTo(10, 0.3);
    // A twentieth of a processor: what takes 4 s alone takes 80 s here.
    const starved = after(new Allowance(10), 80, (t) => usage(t / 20));
    expect(starved.over).to.equal(undefined);
    expect(starved.used).to.be.closeTo(4, 0.01);
    expect(after(new Allowance(10), 1000, (t) => usage(t / 20)).over).to.equal("starved");
  });

  it("who only seems to wait for the machine is not starved: the system knows who waits for a processor", () => {
    const waiting = (delayedSeconds: number): TreeUsage => ({ ...usage(0.1), delayedSeconds });
    expect(after(new Allowance(10), 1000, (t) => waiting(0.9 * t)).over).to.equal("starved");
    // A parent of vfork is never asleep; children that end at once take their time out of the sum.
    expect(after(new Allowance(10), 1000, (t) => waiting(0.01 * t))).to.include({ over: "sleeping" });
  });

  it("the system says how long a process waited for a processor", async () => {
    const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
    try {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const seconds = treeUsage(child.pid!)!.delayedSeconds;
      if (seconds !== undefined) expect(seconds).to.be.within(0, 60);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("who puts itself behind all others of the machine sleeps: that it waits is its own choice", async function () {
    if (process.platform !== "linux") return this.skip();
    for (const [priority, asleep] of [
      ["", false],
      [`require("os").setPriority(require("os").getPriority() + 1);`, true],
    ] as const) {
      const child = spawn(process.execPath, ["-e", `${priority} console.log("up"); for (;;);`]);
      try {
        await once(child.stdout, "data");
        // Node's own threads, which collect garbage and compile, may be at work for a moment.
        for (let n = 0; n < 100 && treeUsage(child.pid!)!.asleep !== asleep; n++) await sleep(20);
        expect(treeUsage(child.pid!)!.asleep, priority).to.equal(asleep);
      } finally {
        child.kill("SIGKILL");
      }
    }
  });

  it("is never more than the clock, on several processors too; children who leave the sum take nothing back", () => {
    expect(after(new Allowance(10), 60, (t) => usage(4 * t)).waited).to.be.closeTo(10, 0.3);
    expect(after(new Allowance(10), 60, (t) => usage(t % 2)).over).to.equal("computing");
  });

  it("where the grader itself did not get to look, nobody pays; the last look never counts as sleep", () => {
    const allowance = new Allowance(10);
    allowance.begin(usage(0), 0);
    allowance.look(usage(0.1, true), 60_000);
    expect(allowance.used).to.be.below(0.5);
    const short = new Allowance(10);
    short.begin(usage(0), 0);
    short.end(usage(0.05, true), 100);
    expect(short).to.include({ computed: 0.05, slept: 0 });
  });

  it("where nobody knows what is used the clock counts", () => {
    expect(after(new Allowance(2), 60, () => undefined)).to.include({ over: "sleeping" });
  });

  it("a machine without time is nobody's wrong answer: the task has no outcome", async () => {
    const busy = {
      ready: async () => undefined,
      call: async () => {
        throw new MachineBusy("too busy");
      },
    } as unknown as StudentKernel;
    const task = {
      task: "task-1",
      points: "check-1",
      functions: ["f"],
      teaches: [],
      parts: [
        {
          name: "one",
          points: 1,
          test: async ({ student }: { student: { call(name: string, args: []): Promise<unknown> } }) => {
            // Nor is it one where the hidden test makes something else of the error.
            await student.call("f", []).catch(() => {
              throw new Error("no answer");
            });
          },
        },
      ],
    };
    const thrown: unknown = await runTask(task, busy, [1]).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(MachineBusy);
  });

  it("reads a process and its children: asleep, or at work", async function () {
    if (process.platform !== "linux") return this.skip();
    const child = spawn(
      process.execPath,
      [
        "-e",
        `const { spawn } = require("child_process"); spawn(process.execPath, ["-e", "process.stdin.once('data', ` +
          `() => { for (;;); }); console.log('up')"], { stdio: "inherit" });`,
      ],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    try {
      await once(child.stdout, "data");
      expect(processTree(child.pid!)).to.have.length(2);
      const until = async (asleep: boolean): Promise<TreeUsage> => {
        for (;;) {
          const now = treeUsage(child.pid!)!;
          if (now.asleep === asleep) return now;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const before = await until(true);
      child.stdin.write("go\n");
      await until(false);
      const end = Date.now() + 20_000;
      while (treeUsage(child.pid!)!.cpuSeconds < before.cpuSeconds + 0.2 && Date.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 50));
      const now = treeUsage(child.pid!)!;
      expect(now.cpuSeconds).to.be.at.least(before.cpuSeconds + 0.2);
      expect(now.memoryMiB).to.be.within(5, 500);
      expect(now.peakMiB).to.be.above(now.memoryMiB);
    } finally {
      for (const pid of processTree(child.pid!).reverse()) process.kill(pid, "SIGKILL");
    }
    await once(child, "close");
    expect(treeUsage(child.pid!)).to.equal(undefined);
  });
});
