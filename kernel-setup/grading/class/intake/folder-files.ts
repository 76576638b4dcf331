import { open, readdir } from "node:fs/promises";
import { constants } from "node:fs";
import { IntakeError, limits, mebibytes, type Incoming, type IncomingFile } from "./incoming";

/** Lists a folder, for instance a download that was unpacked, or nbgrader's `submitted/`. Links are not followed. */
export async function openFolder(folder: string): Promise<Incoming> {
  const files: IncomingFile[] = [];
  await walk(Buffer.from(folder), "", files);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), close: async () => undefined };
}

/** Names are bytes: some tools unpack a zip with those of another code. */
async function walk(root: Buffer, below: string, files: IncomingFile[]): Promise<void> {
  const listed = readdir(root, { withFileTypes: true, encoding: "buffer" });
  const entries = await listed.catch((error: NodeJS.ErrnoException) => {
    // One student's folder that nobody may look into is no reason to stop.
    if (!below) throw new IntakeError(`The folder cannot be read: ${error.code}.`);
    const refused = `a folder that cannot be read (${error.code})`;
    files.push({ path: below, refused, read: () => Promise.reject(error) });
    return [];
  });
  for (const entry of entries) {
    if (files.length >= limits.files) throw new IntakeError(`The folder has more than ${limits.files} files.`);
    const name = nameOf(entry.name), path = below ? `${below}/${name}` : name, place = Buffer.concat([root, Buffer.from("/"), entry.name]);
    const long = path.length > limits.path ? `its path has ${path.length} characters` : undefined;
    if (entry.isDirectory() && !long) {
      await walk(place, path, files);
      continue;
    }
    const kind = entry.isSymbolicLink() ? "a symbolic link" : entry.isFile() || entry.isDirectory() ? undefined : "not a plain file";
    files.push({ path, refused: long ?? kind, read: (limit) => readPlain(place, limit) });
  }
}

/** UTF-8, or where it is none Latin-1. */
function nameOf(bytes: Buffer): string {
  const name = bytes.toString("utf8");
  return Buffer.from(name).equals(bytes) ? name : bytes.toString("latin1");
}

/**
 * A plain file's contents: no link, no pipe, no device, and no more than `limit` bytes.
 * @throws IntakeError
 */
export async function readPlain(path: string | Buffer, limit: number): Promise<Buffer> {
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
