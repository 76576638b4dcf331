import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { FileError } from "./file-error";

/**
 * Writes to a temporary file beside `file` and renames it: `file` is either as before or complete. @throws FileError
 */
export async function writeAtomically(
  file: string,
  contents: Uint8Array | string | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(temporary, contents);
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(file, error);
  }
}

/** A file system's refusal in words. */
export function writeError(file: string, error: unknown): FileError {
  const code = (error as NodeJS.ErrnoException).code;
  const folder = path.dirname(file);
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
