import type { Readable } from "node:stream";
import * as yauzl from "yauzl";
import { IntakeError, limits, mebibytes, type Budget, type Incoming, type IncomingFile, Listing } from "./incoming";

const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true } as const;

/**
 * Lists a zip file. Nothing is unpacked, and no name in it is used to write to: what is hostile in one entry is said
 * of that entry, and the others are there.
 * @param ownerOf see Listing; an archive of one student's has no more than `most` files, and needs none
 * @throws IntakeError if it is no zip file, or has more than `most` entries
 */
export async function openZip(
  source: string | Buffer,
  most: number = limits.entries,
  ownerOf: (path: string) => string = () => "",
): Promise<Incoming> {
  const zip = await (
    typeof source === "string" ? yauzl.openPromise(source, options) : yauzl.fromBufferPromise(source, options)
  ).catch(unreadable);
  try {
    if (zip.entryCount > most) throw new IntakeError(`The archive has ${zip.entryCount} files; allowed: ${most}.`);
    const listing = new Listing(ownerOf);
    let count = 0;
    for await (const entry of zip.eachEntry()) {
      // The number at the end of the archive may be a lie.
      if (++count > most) throw new IntakeError(`The archive has more than ${most} files.`);
      const file = fileOf(zip, entry);
      if (file) listing.add(file);
    }
    return { files: listing.files, left: listing.left, close: async () => zip.close() };
  } catch (error) {
    zip.close();
    return unreadable(error);
  }
}

function unreadable(error: unknown): never {
  if (error instanceof IntakeError) throw error;
  const said = (error instanceof Error ? error.message : String(error)).replace(/\.+$/, "");
  throw new IntakeError(
    `The archive cannot be read: ` +
      `${/not a zip file/i.test(said) ? "it is no zip file, or not all of it is there" : said}.`,
  );
}

function fileOf(zip: yauzl.ZipFile, entry: yauzl.Entry): IncomingFile | undefined {
  const path = nameOf(entry);
  if (path.endsWith("/") && entry.uncompressedSize === 0) return undefined;
  const refused = path.endsWith("/") ? "a folder with content" : refusal(entry, path);
  return { path, modified: timeOf(entry), refused, read: (limit, budget) => contents(zip, entry, limit, budget) };
}

/** With `/` between its parts, whatever is between them in the file: older tools of Windows put `\` there. */
function nameOf(entry: yauzl.Entry): string {
  const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true).replaceAll("\\", "/");
}

function timeOf(entry: yauzl.Entry): Date | undefined {
  const date = entry.getLastModDate();
  // Some zip files have room for the year 60056, which no gradebook takes.
  return date.getFullYear() > 1980 && date.getFullYear() < 10_000 ? date : undefined;
}

function refusal(entry: yauzl.Entry, path: string): string | undefined {
  if (path.length > limits.path) return `its path has ${path.length} characters`;
  const wrong = /[\0-\x1f\x7f]/.test(path) ? "control characters in its path" : yauzl.validateFileName(path);
  if (wrong) return wrong.replace(/: [^]*$/, "");
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== 0o100000) return kind === 0o120000 ? "a symbolic link" : "not a plain file";
  if (entry.isEncrypted()) return "encrypted";
  if (!entry.canDecodeFileData()) return `compressed by a method that is not known (${entry.compressionMethod})`;
  return undefined;
}

/** Counts what comes out, so that an archive cannot say it is small and not be. */
async function contents(zip: yauzl.ZipFile, entry: yauzl.Entry, limit: number, budget?: Budget): Promise<Buffer> {
  const tooLarge = (): never => {
    throw new IntakeError(`It has more than ${mebibytes(limit)}.`);
  };
  if (entry.uncompressedSize > limit) tooLarge();
  let stream: Readable | undefined;
  try {
    stream = await zip.openReadStreamPromise(entry);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      budget?.pay(chunk.length);
      if (size > limit) tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    return unreadable(error);
  } finally {
    stream?.destroy();
  }
}
