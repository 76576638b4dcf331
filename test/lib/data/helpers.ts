import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Context } from "mocha";
import type { Places } from "../../../lib/data/registry";
import { VitrineError } from "../../../lib/core/errors";
import { random } from "../../../lib/core/random";

/** A folder of its own for each test, gone afterwards. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vitrine-data-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}

export const testPlaces = (folder: string, more: Partial<Places> = {}): Places => ({
  cache: path.join(folder, "cache"),
  offline: false,
  root: folder,
  ...more,
});

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes that no compression shortens. */
export function noise(length: number, seed = 1): Buffer {
  const chance = random(seed);
  return Buffer.from(Uint8Array.from({ length }, () => chance.integer(256)));
}

/** @returns the error, which must be ours, one line long */
export async function failure(work: () => unknown): Promise<VitrineError> {
  try {
    await work();
  } catch (error) {
    expect(error, (error as Error).stack).to.be.instanceOf(VitrineError);
    expect((error as Error).message).to.not.match(/[\n\r]/);
    return error as VitrineError;
  }
  return expect.fail("nothing was thrown");
}

const python =
  process.env.VITRINE_PYTHON ?? (process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");

/** Runs Python with the given modules, or skips the test and says in its title what is missing. @returns stdout */
export function runPython(context: Context, modules: readonly string[], script: string, cwd: string): string {
  const executable = path.resolve(python);
  const probe = spawnSync(executable, [
    "-c",
    `import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in ${JSON.stringify(modules)}))`,
  ]);
  if (probe.status !== 0) {
    if (context.test) context.test.title += ` — skipped: ${python} cannot import ${modules.join(" and ")}`;
    return context.skip();
  }
  const { status, stdout, stderr } = spawnSync(executable, ["-c", script], { cwd, encoding: "utf8" });
  expect(status, stderr).to.equal(0);
  return stdout;
}

/**
 * Cuts and flips `bytes` in `rounds` random ways; a reader may read or refuse the result, in good time, and nothing
 * else.
 */
export async function fuzz(
  bytes: Uint8Array,
  rounds: number,
  read: (damaged: Uint8Array) => unknown,
  seed = 7,
): Promise<{ refused: number }> {
  const chance = random(seed);
  let refused = 0;
  for (let round = 0; round < rounds; round++) {
    let damaged = Uint8Array.from(bytes);
    // Most damage goes to the front, where the headers are.
    const place = (): number => chance.integer(chance.uniform() < 0.6 ? Math.min(512, damaged.length) : damaged.length);
    if (chance.uniform() < 0.3) damaged = damaged.slice(0, chance.integer(damaged.length));
    else
      for (let flips = 1 + chance.integer(4); flips > 0; flips--)
        damaged[place()] = chance.uniform() < 0.3 ? 255 : chance.integer(256);
    const started = Date.now();
    try {
      await read(damaged);
    } catch (error) {
      if (!(error instanceof VitrineError))
        throw new Error(`round ${round} of seed ${seed}: ${(error as Error).stack}`);
      expect(error.message).to.not.match(/[\n\r]/);
      refused++;
    }
    expect(Date.now() - started, `round ${round} of seed ${seed} took too long`).to.be.below(5000);
  }
  return { refused };
}
