import { randomBytes } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { checkpoint, VitrineError, writeError } from "vitrine/dist/kit";

/** Another process has it. */
export class LockedError extends VitrineError {
  override name = "LockedError";
}

interface Owner {
  pid: number;
  host: string;
  since: string;
  token: string;
  born?: string;
}

/** How often a lock's owner says that it is alive, and how long another machine believes it. */
const beat = 5_000,
  patience = 60_000;

/**
 * Runs `work` while nobody else has the lock, also on other machines that share the folder. The lock of a process that
 * is gone, or of a machine that was not heard of for a minute, is taken over.
 * @param wait milliseconds to wait for another process; default 0
 * @throws LockedError that says who has it; FileError where nobody can have it
 */
export async function withLock<T>(
  file: string,
  what: string,
  work: () => Promise<T>,
  { wait = 0, signal }: { wait?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const own: Owner = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    token: randomBytes(8).toString("hex"),
    born: birthOf(process.pid),
  };
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw writeError(file, error);
  }
  const until = Date.now() + wait;
  while (!taken(file, own)) {
    const owner = ownerOf(file);
    if (Date.now() >= until)
      throw new LockedError(
        `${what} is being worked on ${owner ? `by process ${owner.pid} on ${owner.host} since ${owner.since}: wait for it, or end it` : `by somebody: ${file} does not say by whom, and holds for a minute`}.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await checkpoint(signal);
  }
  const heart = setInterval(() => {
    try {
      if (ownerOf(file)?.token === own.token) utimesSync(file, new Date(), new Date());
    } catch {
      // The next beat may be possible again.
    }
  }, beat);
  heart.unref();
  const release = (): void => {
    if (ownerOf(file)?.token === own.token) rmSync(file, { force: true });
  };
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(heart);
    process.removeListener("exit", release);
    release();
  }
}

function taken(file: string, own: Owner): boolean {
  const mine = `${file}.${own.token}`;
  try {
    writeFileSync(mine, JSON.stringify(own));
  } catch (error) {
    // Somebody else's course, a full disk.
    rmSync(mine, { force: true });
    throw writeError(file, error);
  }
  try {
    try {
      // Whole from the first moment: nobody ever reads half an owner.
      linkSync(mine, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = ownerOf(file);
    if (owner ? alive(file, owner) : fresh(file)) return false;
    return takenOver(file, owner, mine);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Of several that find the owner gone one takes over: the one that makes the mark with that owner's token. */
function takenOver(file: string, owner: Owner | undefined, mine: string): boolean {
  const mark = `${file}.${owner?.token ?? "damaged"}.over`;
  try {
    writeFileSync(mark, "", { flag: "wx" });
  } catch {
    if (existsSync(mark) && Date.now() - statSync(mark).mtimeMs > patience) rmSync(mark, { force: true });
    return false;
  }
  try {
    if (ownerOf(file)?.token !== owner?.token) return false;
    renameSync(mine, file);
    return true;
  } finally {
    rmSync(mark, { force: true });
  }
}

function ownerOf(file: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(file, "utf8")) as Owner | null;
    return typeof owner?.token === "string" ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Was it made, or kept alive, within the last minute? A machine that lost its power leaves one behind with nothing in
 * it.
 */
const fresh = (file: string): boolean =>
  Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) < patience;

function alive(file: string, { pid, host, born }: Owner): boolean {
  if (host !== hostname()) return fresh(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // Numbers of processes come back: the one we see must be as old as the one that took the lock.
  return born === undefined || birthOf(pid) === born;
}

/** When a process was started, where the system says so (Linux). */
function birthOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ")[19];
  } catch {
    return undefined;
  }
}
