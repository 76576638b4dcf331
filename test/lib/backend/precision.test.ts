import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { backendChoice } from "../../../lib/backend";
import { askedPrecision, preparePrecision } from "../../../lib/backend/precision";

const root = join(__dirname, "../../..");

/** A network's logits and gradient in a process of its own. */
function inProcess(precision: string, backend = "tensorflow") {
  const code = `
    (async () => {
      const { tf, ready, loadModel, saliency } = require("./lib/index.ts");
      const { name, precision, passedOver } = await ready();
      const model = await loadModel("fashion-deep"), images = tf.randomUniform([8, 28, 28, 1], 0, 1, "float32", 3);
      const { values } = await saliency(model, images, { target: 2 });
      console.log(JSON.stringify({ name, precision, passedOver, mode: process.env.TF_SET_ONEDNN_FPMATH_MODE, numbers: [...model.logits(images).dataSync(), ...values.dataSync()] }));
    })().catch((error) => console.log(JSON.stringify({ message: error.message })));
    process.on("uncaughtException", (error) => console.log(JSON.stringify({ message: error.message })));`;
  const { TF_SET_ONEDNN_FPMATH_MODE, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", code], { cwd: root, encoding: "utf8", env: { ...env, VITRINE_BACKEND: backend, VITRINE_PRECISION: precision } });
  return JSON.parse(stdout) as { name: string; precision: string; passedOver: { name: string; reason: string }[]; mode?: string; numbers: number[]; message?: string };
}

describe("precision", function () {
  this.timeout(120_000);
  const mode = process.env.TF_SET_ONEDNN_FPMATH_MODE;
  afterEach(() => {
    delete process.env.TF_SET_ONEDNN_FPMATH_MODE;
    if (mode !== undefined) process.env.TF_SET_ONEDNN_FPMATH_MODE = mode;
  });

  it("is full unless asked otherwise", () => {
    expect([askedPrecision(undefined), askedPrecision(""), askedPrecision("full"), askedPrecision("fast")]).to.deep.equal(["full", "full", "full", "fast"]);
    if (askedPrecision() === "full") expect(backendChoice().precision).to.equal("full");
  });

  it("is fast where the processor can, and the library is told before it loads", () => {
    delete process.env.TF_SET_ONEDNN_FPMATH_MODE;
    expect(preparePrecision("full", "flags\t\t: avx2 amx_bf16\n", "x64")).to.deep.equal({ precision: "full" });
    expect(process.env.TF_SET_ONEDNN_FPMATH_MODE).to.equal(undefined);
    expect(preparePrecision("fast", "model name\t: X\nflags\t\t: avx2 amx_bf16 amx_tile\n", "x64")).to.deep.equal({ precision: "fast" });
    expect(process.env.TF_SET_ONEDNN_FPMATH_MODE).to.equal("BF16");
    expect(preparePrecision("fast", "Features\t: fp asimd i8mm bf16 dgh\n", "arm64").precision).to.equal("fast");
  });

  it("stays full where it cannot, and says why", () => {
    delete process.env.TF_SET_ONEDNN_FPMATH_MODE;
    const { precision, passedOver } = preparePrecision("fast", "model name\t: amx_bf16\nflags\t\t: avx2 avx512_bf16\n", "x64");
    expect(precision).to.equal("full");
    expect(passedOver).to.deep.equal({ name: "fast precision", reason: "this processor does not say that it has bfloat16 instructions (amx_bf16 in /proc/cpuinfo)" });
    expect(preparePrecision("fast", "", "ppc64").passedOver!.reason).to.match(/none for ppc64/);
    expect(process.env.TF_SET_ONEDNN_FPMATH_MODE).to.equal(undefined);
  });

  it("changes a network's numbers by no more than is stated, and only where it is used", function () {
    if (backendChoice().name !== "tensorflow") this.skip();
    const full = inProcess("full"), fast = inProcess("fast");
    expect([full.precision, full.mode]).to.deep.equal(["full", undefined]);
    expect(full.numbers).to.have.length(8 * 10 + 8 * 784);
    const largest = Math.max(...full.numbers.map(Math.abs)), difference = Math.max(...full.numbers.map((value, i) => Math.abs(value - fast.numbers[i]))) / largest;
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
    expect(inProcess("half").message).to.equal('VITRINE_PRECISION is "half"; allowed: full, fast. Unset it for full precision.');
  });
});
