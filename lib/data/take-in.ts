// A file that the user has already takes the place of a download: a network of 553 MB, brought on a disk.
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { badInput, FileError } from "../core/errors";
import { places as placesNow, type Places } from "./places";
import type { FileSource, PackageSource, RegistryEntry, Source } from "./registry";
import { verify } from "./verify";
import { replaceWhole, writeError } from "../core/files";

export interface TakenIn {
  readonly source: Source;
  /** Where it lies now: in the cache. */
  readonly file: string;
}

/**
 * Copies a file into the cache, as the one that a registry entry's source consists of. Which source that is, its
 * SHA-256 says, whatever its name.
 * @throws BadInputError where it is none of the entry's files, with what is wrong; FileError where it cannot be read or
 * written
 */
export async function takeIn(entry: RegistryEntry, file: string, places: Places = placesNow()): Promise<TakenIn> {
  const candidates = entry.sources.filter(
    (source): source is FileSource | PackageSource => source.kind !== "committed" && source.files.length === 1,
  );
  if (candidates.length === 0) {
    badInput({
      what: "--from",
      got: file,
      allowed: "nothing here",
      remedy: `${entry.name} is no single file. Set VITRINE_MIRROR to a folder that holds its files.`,
    });
  }
  const problems: string[] = [];
  for (const source of candidates) {
    const [wanted] = source.files,
      verdict = await verify(file, wanted, { memory: places.cache });
    if (verdict.state === "absent") throw new FileError(file, "is not there");
    if (verdict.state === "right") return { source, file: await copied(file, path.join(places.cache, wanted.path)) };
    problems.push(`as ${path.basename(wanted.path)} it ${verdict.problem}`);
  }
  return badInput({
    what: "--from",
    got: file,
    allowed: `a file of ${entry.name}`,
    remedy: `It is none: ${problems.join("; ")}. A network of your own goes by its path (docs/own-model.md).`,
  });
}

/** Whole or not at all. */
async function copied(from: string, to: string): Promise<string> {
  if (path.resolve(from) === path.resolve(to)) return to;
  // Shares the disk's blocks where the file system can.
  await replaceWhole(to, (partial) =>
    fs.copyFile(from, partial, fs.constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw writeError(to, error);
    }),
  );
  return to;
}
