import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "..", "..", "..");
const code = `const { computeOn } = require("./lib/cli/own-backend");
computeOn("cpu").then(() =>
  console.log(require("@tensorflow/tfjs").getBackend(), String(process.env.VITRINE_BACKEND)));`;

function said(asked?: string): string {
  const { VITRINE_BACKEND, ...env } = process.env;
  return spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", code], {
    cwd: root,
    encoding: "utf8",
    env: { ...env, ...(asked && { VITRINE_BACKEND: asked }) },
  }).stdout.trim();
}

describe("a command's own backend", function () {
  this.timeout(60_000);

  it("is taken by its process and not by those that it starts", () => {
    expect(said()).to.equal("cpu undefined");
  });

  it("is left to VITRINE_BACKEND where that is set", () => {
    expect(said("wasm")).to.match(/^\w+ wasm$/);
  });
});
