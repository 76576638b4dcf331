import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeError } from "./write-atomically";

/**
 * Writes several files so that a reader, a full disk or an interruption never meets half of one: all of them beside
 * their places first, then renamed in order. Missing folders are made.
 * @throws FileError
 */
export async function writeTogether(
  files: ReadonlyArray<{ path: string; content: string | Uint8Array }>,
): Promise<void> {
  const suffix = `.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    for (const { path, content } of files) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path + suffix, content);
    }
    for (const { path } of files) await rename(path + suffix, path);
  } catch (error) {
    for (const { path } of files) await rm(path + suffix, { force: true });
    throw writeError(files[0].path, error);
  }
}
