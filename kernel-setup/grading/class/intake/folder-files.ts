import { open, readdir } from "node:fs/promises";
import { constants } from "node:fs";
import { join } from "node:path";
import { IntakeError, limits, mebibytes, type Incoming, type IncomingFile } from "./incoming";

/** Lists a folder, for instance a download that was unpacked, or nbgrader's `submitted/`. Links are not followed. */
export async function openFolder(folder: string): Promise<Incoming> {
  const files: IncomingFile[] = [];
  await walk(folder, "", files);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), close: async () => undefined };
}

async function walk(root: string, below: string, files: IncomingFile[]): Promise<void> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    if (files.length >= limits.files) throw new IntakeError(`The folder has more than ${limits.files} files.`);
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      if (path.length <= limits.path) await walk(root, path, files);
      continue;
    }
    const refused = entry.isSymbolicLink() ? "a symbolic link" : entry.isFile() ? undefined : "not a plain file";
    files.push({ path, refused, read: (limit) => readPlain(join(root, path), limit) });
  }
}

/**
 * A plain file's contents: no link, no pipe, no device, and no more than `limit` bytes.
 * @throws IntakeError
 */
export async function readPlain(path: string, limit: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw new IntakeError(error.code === "ELOOP" ? "It is a symbolic link." : `It cannot be read: ${error.code}.`);
  });
  try {
    const { size } = await file.stat().then((stat) => (stat.isFile() ? stat : Promise.reject(new IntakeError("It is not a plain file."))));
    if (size > limit) throw new IntakeError(`It has more than ${mebibytes(limit)}.`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
