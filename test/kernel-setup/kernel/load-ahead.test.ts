import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { setupReport } from "../../../lib/backend/engine/native-packages";
import { LoadAhead } from "../../../kernel-setup/kernel/cell/load-ahead";
import { projectRoot } from "../../helpers/jupyter-client";

describe("kernel: what a package has done in another thread", () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), "ahead-"));
    mkdirSync(join(root, "node_modules/slow"), { recursive: true });
    writeFileSync(
      join(root, "node_modules/slow/ahead.js"),
      `require("fs").appendFileSync(${JSON.stringify(join(root, "ran"))}, "once "); process.env.AHEAD_RAN = "1";`,
    );
    writeFileSync(join(root, "package.json"), '{ "notebookAhead": { "slow": "slow/ahead", "gone": "gone/ahead" } }');
  });
  after(() => {
    rmSync(root, { recursive: true, force: true });
    delete process.env.AHEAD_RAN;
  });

  it("begins with the first cell that names the package, once, in the environment of all", async () => {
    const ahead = new LoadAhead(root, createRequire(join(root, "kernel.js")));
    const ran = (): string | undefined =>
      existsSync(join(root, "ran")) ? readFileSync(join(root, "ran"), "utf8") : undefined;
    ahead.begin("const slow = 1; 'slower'");
    await wait(150);
    expect(ran()).to.equal(undefined);
    ahead.begin('import { a } from "slow";');
    ahead.begin("import { b } from 'slow';");
    ahead.begin('import { c } from "gone";');
    for (let i = 0; i < 100 && process.env.AHEAD_RAN === undefined; i++) await wait(50);
    await wait(150);
    expect([ran(), process.env.AHEAD_RAN]).to.deep.equal(["once ", "1"]);
  });

  it("has nothing to do where no package.json says so", () => {
    expect(() => new LoadAhead(join(root, "none"), createRequire(__filename)).begin('"slow"')).not.to.throw();
  });

  it("loads TensorFlow's library for ours, where set-up built its addon, and prints nothing", function () {
    this.timeout(60_000);
    const program = join(projectRoot, "lib/dist/backend/engine/load-ahead.js");
    const code = `const { Worker, SHARE_ENV } = require("worker_threads"), { readFileSync } = require("fs");
      new Worker(${JSON.stringify(program)}, { env: SHARE_ENV }).on("exit", () => {
        const isLoaded = readFileSync("/proc/self/maps", "utf8").includes("libtensorflow_cc");
        process.stderr.write("heard");
        const { tf } = require(${JSON.stringify(join(projectRoot, "lib"))});
        console.log(JSON.stringify([isLoaded, tf.getBackend(), tf.sum(tf.tensor([1, 2])).dataSync()[0]]));
      });`;
    const run = (extra: NodeJS.ProcessEnv): [boolean, string, number] => {
      const env: NodeJS.ProcessEnv = { ...process.env, VITRINE_BACKEND: "", VITRINE_PRECISION: "", ...extra };
      delete env.TF_CPP_MIN_LOG_LEVEL;
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], { encoding: "utf8", env });
      expect(stderr).to.equal("heard");
      return JSON.parse(stdout) as [boolean, string, number];
    };
    const isBuilt = process.platform === "linux" && setupReport()?.chosen === "tfjs-node-wheel";
    const [isLoaded, backend, sum] = run({});
    expect([isLoaded, sum]).to.deep.equal([isBuilt, 3]);
    if (isBuilt) expect(backend).to.equal("tensorflow");
    expect(run({ VITRINE_BACKEND: "cpu" })).to.deep.equal([false, "cpu", 3]);
  });
});
