import { expect } from "chai";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

interface Report { before: object; after: object; goesOn: object }

/** Runs cut-off.child.ts, which ends itself by a signal. */
async function cutOff(times: number, seed: number, backend?: string): Promise<Report> {
  const args = ["--no-force-async-hooks-checks", "-r", "tsx/cjs", join(__dirname, "cut-off.child.ts"), String(times), String(seed)];
  const options = { timeout: 150_000, env: { ...process.env, ...(backend ? { VITRINE_BACKEND: backend } : {}) } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options).catch((ended: { stdout: string; stderr: string }) => ended);
  const line = stdout.split("\n").find((each) => each.startsWith("{"));
  if (!line) throw new Error(`no report: ${stdout} ${stderr}`);
  return JSON.parse(line) as Report;
}

describe("backend: TensorFlow.js cut off at random moments", function () {
  this.timeout(160_000);

  it("leaves no tensor, no data and nothing in the native library behind, and the counts are right", async () => {
    const { before, after, goesOn } = await cutOff(300, 1);
    expect(after).to.deep.equal(before);
    expect(goesOn).to.deep.equal(before);
  });

  it("the same on wasm", async () => {
    const { before, after, goesOn } = await cutOff(60, 2, "wasm");
    expect(after).to.deep.equal(before);
    expect(goesOn).to.deep.equal(before);
  });
});
