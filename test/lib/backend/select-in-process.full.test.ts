import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { backendChoice, ready } from "../../../lib/backend";
import { setupReport } from "../../../lib/backend/engine/native-packages";

const root = join(__dirname, "../../..");

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}
const ended = new Map<string | undefined, Ended>();

/**
 * Imports the library in a process of its own, makes a tensor at once, then waits for the backend; once for each that
 * is asked for.
 */
function inProcess(backend: string | undefined): Ended {
  const before = ended.get(backend);
  if (before) return before;
  const code = `
    (async () => {
      const { tf, ready, backendChoice } = require("./lib/index.ts");
      const made = tf.tensor([1, 2, 3]);
      const choice = await ready();
      const sum = tf.sum(made);
      console.log(JSON.stringify({ choice, same: (await ready()) === choice && backendChoice() === choice,
        active: tf.getBackend(), sum: sum.dataSync()[0] }));
    })().catch((error) => { console.log(JSON.stringify({ message: error.message, name: error.name })); });
    process.on("uncaughtException", (error) => {
      console.log(JSON.stringify({ message: error.message, name: error.name })); });`;
  const env = { ...process.env };
  delete env.VITRINE_BACKEND;
  if (backend !== undefined) env.VITRINE_BACKEND = backend;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", code], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  ended.set(backend, { status, stdout, stderr });
  return { status, stdout, stderr };
}

const answer = (backend?: string) =>
  JSON.parse(inProcess(backend).stdout) as {
    choice: ReturnType<typeof backendChoice>;
    same: boolean;
    active: string;
    sum: number;
    message: string;
    name: string;
  };

describe("backend selection when a process begins", function () {
  this.timeout(60_000);
  before(() => ready());

  for (const name of ["wasm", "cpu"]) {
    it(`takes ${name} when VITRINE_BACKEND says so, tensors made before included`, () => {
      const { choice, same, active, sum } = answer(name);
      expect([choice.name, active, same, sum]).to.deep.equal([name, name, true, 6]);
      expect(choice.reason).to.match(/VITRINE_BACKEND/);
    }).timeout(30_000);
  }

  it("takes the native backend by either name, where there is one", function () {
    if (backendChoice().name !== "tensorflow") this.skip();
    for (const name of ["tensorflow", "tfjs-node"]) {
      if (name === "tfjs-node" && setupReport()?.chosen === "tfjs-node-gpu") continue;
      expect(answer(name).active).to.equal("tensorflow");
    }
  }).timeout(30_000);

  it("refuses an unknown one in one line that names what is allowed", () => {
    const { message, name } = answer("tensorflwo");
    expect(name).to.equal("BadInputError");
    expect(message).to.match(
      /^VITRINE_BACKEND is "tensorflwo"; allowed: tensorflow, tfjs-node-gpu, tfjs-node, webgpu, wasm, cpu\..*doctor[^\n]*$/,
    );
  }).timeout(30_000);

  it("refuses one that is missing in one line that says why, how to get it and what else there is", function () {
    if (backendChoice().version.includes("tfjs-node-gpu")) this.skip();
    const { message } = answer("tfjs-node-gpu");
    expect(message).to.match(
      /^VITRINE_BACKEND=tfjs-node-gpu is not available here \(tfjs-node-gpu: [^\n]+\); how to get it: [^\n]+Also allowed: tensorflow, tfjs-node, webgpu, wasm, cpu[^\n]*$/,
    );
  }).timeout(30_000);

  it("is silent: no banner, no warnings of TF.js, no notes of TensorFlow's library", () => {
    for (const name of ["cpu", "wasm", undefined])
      expect(inProcess(name).stderr.replace(/^npm warn.*\n/gm, "")).to.equal("");
  }).timeout(60_000);
});
