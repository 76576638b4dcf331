import { spawnSync } from "node:child_process";
import type { Context } from "mocha";

/** PyTorch may live in another Python than the course's own. */
export const python = process.env.VITRINE_PYTHON ?? (process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");

/**
 * Runs a reference script, which ends with status 3 where what it needs (PyTorch, Captum, Foolbox) cannot be imported: the
 * hook's suite is then skipped, and its title says why.
 * @returns what the script printed
 */
export function runReference(context: Context, script: string, ...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: "utf8" });
  if (error || status === 3) {
    const reason = error ? `${python} cannot be started` : stderr.trim();
    const parent = context.test?.parent;
    // The title is in summaries; it is on the screen already when this hook runs.
    if (parent) parent.title += ` (skipped: the reference cannot be run (${reason}); bench/requirements.txt lists what to install)`;
    console.log(`    skipped: the reference cannot be run (${reason})`);
    context.skip();
  }
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}
