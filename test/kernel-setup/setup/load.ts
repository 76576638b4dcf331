import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(__dirname, "../../..");
export const setupFolder = join(root, "kernel-setup", "setup");

/** A module of set-up, which is plain JavaScript without declarations. */
export async function load<T>(name: string): Promise<T> {
  return (await import(join(setupFolder, name))) as T;
}

/** Runs one of set-up's programs as a user would; nothing of this process' environment that set-up reads leaks in. */
export function node(
  file: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  cwd = root,
): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [resolve(root, file), ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 120_000,
  });
}

/** A folder that goes when the test ends. */
export function withFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-setup-test-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let result: T;
  try {
    result = work(folder);
  } catch (error) {
    remove();
    throw error;
  }
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}
