import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf } from "./stamp.mjs";

/**
 * Runs `work` while no other set-up of the same checkout runs; a second one waits for the first.
 * The lock of a process that is gone is taken over.
 */
export async function alone(root, say, work) {
  const folder = join(tmpdir(), `vitrine-setup-${hashOf(root)}`);
  const owner = join(folder, "pid");
  let told = false;
  for (;;) {
    try {
      mkdirSync(folder);
      writeFileSync(owner, String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!alive(owner)) {
      // A lock just made has no owner yet: look again before taking it over.
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (!alive(owner)) rmSync(folder, { recursive: true, force: true });
      continue;
    }
    if (!told) say(`waiting for another set-up of this checkout (process ${readFileSync(owner, "utf8")})`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener("exit", release);
  }
}

function alive(owner) {
  try {
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
