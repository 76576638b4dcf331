import { expect } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { load, setupFolder } from "./load";

interface Run {
  run(command: string, args: string[], options?: { seconds?: number; env?: NodeJS.ProcessEnv }): Promise<string>;
}
type Failure = Error & { reason: string; output: string; timedOut: boolean; missing: boolean };

describe("running other programs", () => {
  const failure = async (command: string, args: string[], options?: { seconds?: number }): Promise<Failure> => {
    const { run } = await load<Run>("run.mjs");
    return run(command, args, options).then(
      (output) => expect.fail(`it succeeded: ${output}`),
      (error: Failure) => error,
    );
  };
  const node = (script: string): [string, string[]] => [process.execPath, ["-e", script]];

  it("keeps what they say, from both streams", async () => {
    const { run } = await load<Run>("run.mjs");
    expect((await run(...node('console.log("out"); console.error("err")'))).split("\n").sort()).to.deep.equal([
      "",
      "err",
      "out",
    ]);
  });

  it("tells in one line why they failed", async () => {
    const error = await failure(
      ...node('console.log("begin"); console.error("Error: no such host"); console.log("bye"); process.exit(3)'),
    );
    expect(error.reason).to.equal("Error: no such host");
    expect(error.message)
      .to.match(/^exit 3: /)
      .and.contain("begin");
  });

  it("tells one that is not installed, and one killed by a signal", async () => {
    expect(await failure("no-such-program-at-all", [])).to.include({
      missing: true,
      reason: "no-such-program-at-all is not installed",
    });
    expect((await failure(...node('process.kill(process.pid, "SIGILL")'))).reason).to.match(/^ended by SIGILL/);
  });

  const alive = (mark: string): boolean =>
    spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .stdout.split("\n")
      .some((line) => line.startsWith("sleep") && line.includes(mark));
  const gone = async (mark: string): Promise<boolean> => {
    for (let i = 0; i < 50 && alive(mark); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    return !alive(mark);
  };

  it("ends one that overruns its time, with all that it started", async function () {
    if (process.platform === "win32") this.skip();
    expect(await failure("sh", ["-c", "sleep 4711.25 & wait"], { seconds: 1 })).to.include({ timedOut: true });
    expect(await gone("4711.25")).to.equal(true);
  });

  it("Ctrl-C ends what set-up is running: nothing goes on in the background", async function () {
    if (process.platform === "win32") this.skip();
    const script =
      `import(${JSON.stringify(join(setupFolder, "run.mjs"))}).then(({ run }) => run("sh", ["-c", "sleep 4712.25 & ` +
      `wait"]))`;
    const child = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
    while (!alive("4712.25")) await new Promise((resolve) => setTimeout(resolve, 50));
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGINT");
    expect(await ended).to.equal(130);
    expect(await gone("4712.25")).to.equal(true);
  });
});
