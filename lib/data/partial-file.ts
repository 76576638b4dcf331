import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";

/**
 * Unfinished downloads, `FILE.PID-XXXXXXXX.part`. Each belongs to one process, so that two that fetch the same file
 * never write into one another's; what a process leaves behind is claimed, by an atomic rename, by the next.
 */
const mine = new Set<string>();
const dayMs = 24 * 3600 * 1000;

/** A name of our own to download to, holding what an earlier try left, if anything. */
export async function claimPartial(file: string): Promise<string> {
  const own = partialName(file, process.pid);
  mine.add(own);
  for (const left of await leftBehind(file)) {
    try {
      await fs.rename(left, own);
      break;
    } catch {
      // Another process was quicker.
    }
  }
  return own;
}

/** Leaves it for whoever tries next. */
export async function releasePartial(file: string, own: string): Promise<void> {
  mine.delete(own);
  await fs.rename(own, partialName(file, 0)).catch(() => undefined);
}

export async function dropPartial(own: string): Promise<void> {
  mine.delete(own);
  await fs.rm(own, { force: true }).catch(() => undefined);
}

/** Turns it into the finished file. */
export async function finishPartial(file: string, own: string): Promise<void> {
  await fs.rename(own, file);
  mine.delete(own);
}

const partialName = (file: string, pid: number): string => `${file}.${pid}-${randomBytes(4).toString("hex")}.part`;

/** Largest first. */
async function leftBehind(file: string): Promise<string[]> {
  const folder = path.dirname(file),
    base = path.basename(file);
  const found: { name: string; size: number }[] = [];
  for (const entry of await fs.readdir(folder).catch(() => [] as string[])) {
    if (!entry.startsWith(`${base}.`) || !entry.endsWith(".part")) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.part$/.exec(entry.slice(base.length + 1))?.[1];
    const name = path.join(folder, entry);
    const stat = await fs.stat(name).catch(() => undefined);
    if (pid && stat && (abandoned(Number(pid), name) || Date.now() - stat.mtimeMs > dayMs))
      found.push({ name, size: stat.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ name }) => name);
}

function abandoned(pid: number, name: string): boolean {
  if (pid === 0) return true;
  if (pid === process.pid) return !mine.has(name);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
