import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, root, withFolder } from "./load";

interface FileTimes {
  file: string;
  seconds: number;
  slowest: { title: string; seconds: number } | null;
}
interface Outcome {
  files?: FileTimes[];
  passed: number;
  failed: { title: string; file: string; message: string }[];
  skipped: { title: string; file: string; reason: string | null }[];
}
interface Summary {
  addUp(outcomes: Outcome[]): Outcome;
  summaryLines(outcome: Outcome, options?: { failOnSkip?: boolean }): string[];
  exitCode(outcome: Outcome, options?: { failOnSkip?: boolean }): number;
}
interface RunGroup {
  runGroup(
    project: { root: string; nodeModules: string },
    group: { name: string; files: string[] },
    args: string[],
    options: { quiet: boolean },
  ): Promise<Outcome>;
}

const skip = (title: string): Outcome => ({ passed: 1, failed: [], skipped: [{ title, file: "f", reason: null }] });

describe("the last line of npm test", () => {
  it("adds up all processes", async () => {
    const { addUp, summaryLines, exitCode } = await load<Summary>("testing/summary.mjs");
    const outcome = addUp([
      { passed: 3, failed: [{ title: "t", file: "f", message: "wrong" }], skipped: [] },
      skip("s"),
    ]);
    expect(summaryLines(outcome).at(-1)).to.equal("4 passed, 1 failed, 1 skipped");
    expect(summaryLines(outcome)).to.include("skipped s");
    expect(exitCode(outcome)).to.equal(1);
    expect(exitCode(skip("s"))).to.equal(0);
  });

  it("VITRINE_FAIL_ON_SKIP allows only skips for a GPU or a service, by name", async () => {
    const { summaryLines, exitCode } = await load<Summary>("testing/summary.mjs");
    for (const title of ["runs on CUDA [needs GPU]", "an array of jobs [needs service slurm]"])
      expect(exitCode(skip(title), { failOnSkip: true })).to.equal(0);
    for (const title of ["real data", "needs GPU", "[needs mirror]"]) {
      expect(exitCode(skip(title), { failOnSkip: true })).to.equal(1);
      expect(summaryLines(skip(title), { failOnSkip: true }).join("\n")).to.contain(
        `NOT ALLOWED TO BE SKIPPED here (VITRINE_FAIL_ON_SKIP=1): ${title}`,
      );
    }
  });

  const run = async (source: string, args: string[] = []): Promise<Outcome> => {
    const { runGroup } = await load<RunGroup>("testing/run-group.mjs");
    return withFolder((folder) => {
      const file = join(folder, "trial.test.ts");
      writeFileSync(file, source);
      return runGroup({ root, nodeModules: join(root, "node_modules") }, { name: "trial", files: [file] }, args, {
        quiet: true,
      });
    });
  };

  it("counts passed, failed, skipped, and a filter", async () => {
    const source =
      'describe("s", () => { it("a", () => {}); it("b", () => { throw new Error("no"); }); it.skip("c"); it("d", ' +
      "function () { this.skip(); }); });";
    const outcome = await run(source);
    expect(outcome.passed).to.equal(1);
    expect(outcome.failed.map(({ title }) => title)).to.deep.equal(["s › b"]);
    expect(outcome.skipped.map(({ title }) => title)).to.deep.equal(["s › c", "s › d"]);
    expect(await run(source, ["--grep", "s a"])).to.deep.include({ passed: 1, failed: [] });
  });

  it("tells how long each file took, with what it prepared, and its slowest test", async () => {
    const wait = "(ms) => new Promise((resolve) => setTimeout(resolve, ms))";
    const { files } = await run(
      `const wait = ${wait}; describe("s", () => { before(() => wait(250)); it("quick", () => wait(10)); ` +
        `it("slow", () => wait(150)); });`,
    );
    expect(files).to.have.length(1);
    const [{ file, seconds, slowest }] = files!;
    expect(file).to.match(/trial\.test\.ts$/);
    expect(seconds).to.be.within(0.4, 5);
    expect(slowest?.title).to.equal("slow");
    expect(slowest?.seconds).to.be.within(0.14, seconds);
  });

  it("a process that crashes counts as a failure, and so does a file that does not load", async () => {
    expect(
      (
        await run(
          'it("a", () => {}); it("b", () => { process.kill(process.pid, "SIGSEGV"); return new Promise(() => {}); });',
        )
      ).failed,
    ).to.have.length(1);
    expect((await run('import "./no-such-file";')).failed).to.have.length(1);
  });

  it("a handle left open does not keep the run from ending", async () => {
    expect((await run('it("a", () => { setInterval(() => {}, 1000); });')).passed).to.equal(1);
  });

  it("CI adds up its runs; one that never counted has failed", () => {
    withFolder((folder) => {
      const log = (name: string, text: string): string => (writeFileSync(join(folder, name), text), join(folder, name));
      const sum = (...files: string[]): [string, number | null] => {
        const { stdout, status } = spawnSync(process.execPath, [join(root, ".ci", "add-up.mjs"), ...files], {
          encoding: "utf8",
        });
        return [stdout, status];
      };
      const good = log("a", "1 passed, 0 failed, 0 skipped\nmore\n10 passed, 0 failed, 1 skipped\n");
      expect(sum(good, log("b", "5 passed, 0 failed, 0 skipped\n"))).to.deep.equal([
        "15 passed, 0 failed, 1 skipped\n",
        0,
      ]);
      expect(sum(good, log("c", "it broke\n"))).to.deep.equal(["10 passed, 1 failed, 1 skipped\n", 1]);
    });
  });
});
