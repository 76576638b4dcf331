// A file as bytes.
import * as fs from "node:fs/promises";
import { FileError } from "../core/errors";
import { fetchBytes, type FetchOptions } from "./fetch-bytes";
import { isAddress, type FileSource } from "./file-source";

/** The whole file. @throws FileError where it is missing, a folder, not readable, or too large for one buffer */
export async function readBytes(file: FileSource, options: FetchOptions = {}): Promise<Uint8Array> {
  if (typeof file !== "string") return new Uint8Array(await file.arrayBuffer());
  if (isAddress(file)) return fetchBytes(file, options);
  try {
    return await fs.readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new FileError(file, "does not exist", "Check the path.");
    if (code === "EISDIR") throw new FileError(file, "is a folder, not a file");
    if (code === "EACCES") throw new FileError(file, "may not be read by this user");
    if (code === "ERR_FS_FILE_TOO_LARGE")
      throw new FileError(file, "is larger than 2 GiB, which is more than is read at once");
    throw new FileError(file, `cannot be read: ${code ?? String(error)}`);
  }
}
