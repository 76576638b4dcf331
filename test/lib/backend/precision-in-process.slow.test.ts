import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { backendChoice, ready } from "../../../lib/backend";

const root = join(__dirname, "../../..");

/** A network's logits and gradient in a process of its own. */
function inProcess(precision: string, backend = "tensorflow") {
  const code = `
    (async () => {
      const { tf, ready, loadModel, saliency } = require("./lib/index.ts");
      const { name, precision, passedOver } = await ready();
      const model = await loadModel("fashion-deep"), images = tf.randomUniform([8, 28, 28, 1], 0, 1, "float32", 3);
      const { values } = await saliency(model, images, { target: 2 });
      console.log(JSON.stringify({ name, precision, passedOver, mode: process.env.TF_SET_ONEDNN_FPMATH_MODE,
        numbers: [...model.logits(images).dataSync(), ...values.dataSync()] }));
    })().catch((error) => console.log(JSON.stringify({ message: error.message })));
    process.on("uncaughtException", (error) => console.log(JSON.stringify({ message: error.message })));`;
  const { TF_SET_ONEDNN_FPMATH_MODE, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", code], {
    cwd: root,
    encoding: "utf8",
    env: { ...env, VITRINE_BACKEND: backend, VITRINE_PRECISION: precision },
  });
  return JSON.parse(stdout) as {
    name: string;
    precision: string;
    passedOver: { name: string; reason: string }[];
    mode?: string;
    numbers: number[];
    message?: string;
  };
}

describe("precision of a process", function () {
  this.timeout(120_000);
  before(() => ready());

  it("changes a network's numbers by no more than is stated, and only where it is used", function () {
    if (backendChoice().name !== "tensorflow") this.skip();
    const full = inProcess("full"),
      fast = inProcess("fast");
    expect([full.precision, full.mode]).to.deep.equal(["full", undefined]);
    expect(full.numbers).to.have.length(8 * 10 + 8 * 784);
    const largest = Math.max(...full.numbers.map(Math.abs)),
      difference = Math.max(...full.numbers.map((value, i) => Math.abs(value - fast.numbers[i]))) / largest;
    if (fast.precision === "full") {
      expect(fast.passedOver.map(({ name }) => name)).to.include("fast precision");
      expect(difference).to.equal(0);
    } else {
      expect(fast.mode).to.equal("BF16");
      expect(difference).to.be.within(1e-5, 0.2);
    }
  });

  it("is full on the other backends, which says so", () => {
    const { name, precision, passedOver } = inProcess("fast", "wasm");
    expect([name, precision]).to.deep.equal(["wasm", "full"]);
    expect(passedOver).to.deep.include({ name: "fast precision", reason: "wasm computes in float32 alone" });
  });

  it("refuses an unknown one in one line", () => {
    expect(inProcess("half").message).to.equal(
      'VITRINE_PRECISION is "half"; allowed: full, fast. Unset it for full precision.',
    );
  });
});
