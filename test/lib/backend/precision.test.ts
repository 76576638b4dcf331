import { expect } from "chai";
import { backendChoice } from "../../../lib/backend";
import { askedPrecision, preparePrecision } from "../../../lib/backend/engine/precision";

describe("precision", () => {
  const mode = process.env.TF_SET_ONEDNN_FPMATH_MODE;
  afterEach(() => {
    delete process.env.TF_SET_ONEDNN_FPMATH_MODE;
    if (mode !== undefined) process.env.TF_SET_ONEDNN_FPMATH_MODE = mode;
  });

  it("is full unless asked otherwise", () => {
    expect([
      askedPrecision(undefined),
      askedPrecision(""),
      askedPrecision("full"),
      askedPrecision("fast"),
    ]).to.deep.equal(["full", "full", "full", "fast"]);
    if (askedPrecision() === "full") expect(backendChoice().precision).to.equal("full");
  });

  it("is fast where the processor can, and the library is told before it loads", () => {
    delete process.env.TF_SET_ONEDNN_FPMATH_MODE;
    expect(preparePrecision("full", "flags\t\t: avx2 amx_bf16\n", "x64")).to.deep.equal({ precision: "full" });
    expect(process.env.TF_SET_ONEDNN_FPMATH_MODE).to.equal(undefined);
    expect(preparePrecision("fast", "model name\t: X\nflags\t\t: avx2 amx_bf16 amx_tile\n", "x64")).to.deep.equal({
      precision: "fast",
    });
    expect(process.env.TF_SET_ONEDNN_FPMATH_MODE).to.equal("BF16");
    expect(preparePrecision("fast", "Features\t: fp asimd i8mm bf16 dgh\n", "arm64").precision).to.equal("fast");
  });

  it("stays full where it cannot, and says why", () => {
    delete process.env.TF_SET_ONEDNN_FPMATH_MODE;
    const { precision, passedOver } = preparePrecision(
      "fast",
      "model name\t: amx_bf16\nflags\t\t: avx2 avx512_bf16\n",
      "x64",
    );
    expect(precision).to.equal("full");
    expect(passedOver).to.deep.equal({
      name: "fast precision",
      reason: "this processor does not say that it has bfloat16 instructions (amx_bf16 in /proc/cpuinfo)",
    });
    expect(preparePrecision("fast", "", "ppc64").passedOver!.reason).to.match(/none for ppc64/);
    expect(process.env.TF_SET_ONEDNN_FPMATH_MODE).to.equal(undefined);
  });
});
