import type sharp from "sharp";
import { FileError } from "../core/errors";
import type { ImageFormat } from "./image-format";

export type Sharp = typeof sharp;

/** Loaded at the first call: it is a native package, and a machine without it can still do everything else. */
const required = (): Sharp => require("sharp") as Sharp;

/** @returns the library, or why it cannot be loaded, in words */
export function loadSharp(load: () => Sharp = required): Sharp | string {
  try {
    return load();
  } catch (error) {
    return (error as Error).message.trim().split("\n")[0];
  }
}

/**
 * The library that reads what a canvas does not.
 * @param name the file's, for messages
 * @throws FileError where it cannot be loaded, or was built without that format
 */
export function sharpFor(format: ImageFormat, name: string, load?: () => Sharp): Sharp {
  const library = loadSharp(load);
  if (typeof library === "string") {
    const problem = `is ${format}, which the package sharp reads, and that cannot be loaded (${library})`;
    throw new FileError(name, problem, "Convert it to PNG or JPEG, or install sharp: npm install.");
  }
  if (!reads(library, format)) {
    const problem = `is ${format}, which sharp ${library.versions.sharp} here cannot read`;
    throw new FileError(name, problem, "Convert it to PNG or JPEG.");
  }
  return library;
}

function reads({ format: known }: Sharp, format: ImageFormat): boolean {
  // One decoder is behind both; which of them it was built for is said by the endings only.
  if (format === "AVIF" || format === "HEIC") {
    const { buffer, fileSuffix = [] } = known.heif.input;
    return buffer && fileSuffix.includes(`.${format.toLowerCase()}`);
  }
  return (known as Partial<typeof known>)[format.toLowerCase() as "webp" | "gif" | "tiff"]?.input.buffer === true;
}
