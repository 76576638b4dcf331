// A file as bytes, in a browser: from an address or as it was given.
import { FileError } from "../core/errors";
import { fetchBytes, type FetchOptions } from "./fetch-bytes";
import { nameOf, type FileSource } from "./file-source";

/** Of the page, or of a worker's script. */
const base = (): string => (typeof document === "undefined" ? location.href : document.baseURI);

/** The whole file. An address may be relative to the page. @throws FileError where it cannot be read */
export async function readBytes(file: FileSource, options: FetchOptions = { cache: false }): Promise<Uint8Array> {
  if (typeof file === "string") return fetchBytes(new URL(file, base()).href, options);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new FileError(nameOf(file), `cannot be read: ${(error as Error).message}`);
  }
}
