import { expect } from "chai";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

type Books = Record<string, unknown> & { data: number; numDataBuffers: number };
interface Report {
  before: Books;
  after: Books;
  goesOn: Books;
}

/** Runs cut-off.child.ts, which ends itself by a signal. */
async function cutOff(times: number, seed: number, backend?: string): Promise<Report> {
  const args = [
    "--no-force-async-hooks-checks",
    "-r",
    "tsx/cjs",
    join(__dirname, "cut-off.child.ts"),
    String(times),
    String(seed),
  ];
  const options = { timeout: 600_000, env: { ...process.env, ...(backend ? { VITRINE_BACKEND: backend } : {}) } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options).catch(
    (ended: { stdout: string; stderr: string }) => ended,
  );
  const line = stdout.split("\n").find((each) => each.startsWith("{"));
  if (!line) throw new Error(`no report: ${stdout} ${stderr}`);
  return JSON.parse(line) as Report;
}

/** On the backend as chosen: what was there before is there after, and goes on. */
export async function leavesNothing(times: number, seed: number): Promise<void> {
  const { before, after, goesOn } = await cutOff(times, seed);
  expect(after).to.deep.equal(before);
  expect(goesOn).to.deep.equal(before);
}

/**
 * The same on wasm, where about one of 1,500 cuts leaves one value of the backend's behind; the cause is not known. So
 * one may be left, and no tensor, variable or graph.
 */
export async function leavesHardlyAnything(times: number, seed: number): Promise<void> {
  const { before, after, goesOn } = await cutOff(times, seed, "wasm");
  for (const books of [after, goesOn]) {
    for (const name of ["data", "numDataBuffers"] as const)
      expect(books[name] - before[name], `${name} left`).to.be.within(0, 1);
    expect({ ...books, data: before.data, numDataBuffers: before.numDataBuffers }).to.deep.equal(before);
  }
}
