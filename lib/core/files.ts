// Files written whole: a reader, a full disk or an interruption never meets half of one.
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { FileError } from "./errors";

/** Whatever `fs.writeFile` takes: pieces need no joining, so that a network of 500 MB is not in memory twice. */
export type Contents = Uint8Array | string | Iterable<Uint8Array>;

/** Beside `target`, since only within a file system does renaming take no time; of this process and this call alone. */
const beside = (target: string): string => `${target}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;

/**
 * Makes a file or a folder beside `target` and renames it: `target` is either as before or complete. What was begun is
 * removed if the work fails. A folder takes no other's place: then the rename fails.
 * @param make fills the path that it is given; its own errors are passed on
 * @throws FileError where the file system refuses
 */
export async function replaceWhole<Made>(target: string, make: (partial: string) => Promise<Made>): Promise<Made> {
  const partial = beside(target);
  try {
    await inWords(target, fs.mkdir(path.dirname(target), { recursive: true }));
    const made = await make(partial);
    await inWords(target, fs.rename(partial, target));
    return made;
  } finally {
    await fs.rm(partial, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Writes one file, whole; missing folders are made. @throws FileError */
export function writeAtomically(file: string, contents: Contents): Promise<void> {
  return replaceWhole(file, (partial) => inWords(file, fs.writeFile(partial, contents)));
}

/**
 * Writes several files: all of them beside their places first, then renamed in order. Missing folders are made.
 * @throws FileError
 */
export async function writeTogether(files: ReadonlyArray<{ path: string; content: Contents }>): Promise<void> {
  const last = files.at(-1);
  if (!last) return;
  // Each call writes its own file and, before it renames it, has those before it written and renamed.
  await replaceWhole(last.path, async (partial) => {
    await inWords(last.path, fs.writeFile(partial, last.content));
    await writeTogether(files.slice(0, -1));
  });
}

async function inWords<T>(file: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw writeError(file, error);
  });
}

/** A file system's refusal in words. */
export function writeError(file: string, error: unknown): FileError {
  const folder = path.dirname(file),
    { code: said } = error as NodeJS.ErrnoException,
    code = said === "ENOENT" ? refusedAbove(folder) : said;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new FileError(
      file,
      `cannot be written: the disk is full (${folder})`,
      "Free some space, or set XDG_CACHE_HOME to a folder on another disk.",
    );
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new FileError(file, `cannot be written: ${folder} is read-only for this user`, "Choose another folder.");
  return new FileError(file, `cannot be written: ${code ?? String(error)}`);
}

/** On a disk that is read-only Node says of a folder that it should make that it is not there. */
function refusedAbove(folder: string): string {
  let above = path.resolve(folder);
  while (!existsSync(above) && path.dirname(above) !== above) above = path.dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return "ENOENT";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "ENOENT";
  }
}
