// Zip archives in memory, which .npz and .pth files are.
import { FileError } from "../core/errors";
import { quoted } from "../core/text";
import { crc32Native, inflateRaw } from "./compression";
import { ByteReader } from "./byte-reader";

/** A zip archive held in memory. */
interface Zip {
  readonly names: readonly string[];
  /** One entry's contents, its checksum verified; a view of the archive where it is stored uncompressed. */
  read(name: string): Uint8Array;
}

interface Entry {
  method: number;
  flags: number;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

/** No entry may unpack to more. */
const sizeLimit = 2 ** 31;
/** Deflate cannot do better than this. */
const bestRatio = 1032;

/**
 * Stored and deflated entries, zip64 too. The directory is checked before anything is unpacked: a truncated archive,
 * entries that overlap, and sizes that no data could unpack to are refused.
 * @param name the file's, for messages
 */
export function openZip(bytes: Uint8Array, name: string): Zip {
  const entries = readDirectory(bytes, name);
  return {
    names: [...entries.keys()],
    read: (entry) => {
      const found = entries.get(entry);
      if (!found) throw new FileError(name, `holds no ${quoted(entry)}`);
      return readEntry(bytes, name, entry, found);
    },
  };
}

function readDirectory(bytes: Uint8Array, name: string): Map<string, Entry> {
  const { start, count, byteCount, end } = findDirectory(bytes, name);
  if (start + byteCount > end)
    throw new FileError(name, "is truncated or corrupt: its zip directory lies outside the file");
  const reader = new ByteReader(bytes.subarray(0, start + byteCount), name, start);
  const entries = new Map<string, Entry>();
  let packedInAll = 0;
  for (let i = 0; i < count; i++) {
    if (reader.u32("a zip directory entry") !== 0x02014b50)
      throw new FileError(name, "is corrupt: a zip directory entry does not start as it should");
    reader.take(4, "a zip directory entry");
    const flags = reader.u16("flags"),
      method = reader.u16("method");
    reader.take(4, "a date");
    const crc = reader.u32("a checksum");
    let packed = reader.u32("a size"),
      size = reader.u32("a size");
    const nameLength = reader.u16("a name"),
      extraLength = reader.u16("an extra field"),
      commentLength = reader.u16("a comment");
    reader.take(8, "attributes");
    let offset = reader.u32("an offset");
    const entryName = reader.utf8(nameLength, "a name");
    const extra = new ByteReader(reader.take(extraLength, "an extra field"), name);
    reader.take(commentLength, "a comment");
    while (extra.left >= 4) {
      const id = extra.u16("an extra field"),
        field = new ByteReader(extra.take(extra.u16("an extra field"), "an extra field"), name);
      if (id !== 0x0001) continue;
      if (size === 0xffffffff) size = field.u64("a size");
      if (packed === 0xffffffff) packed = field.u64("a size");
      if (offset === 0xffffffff) offset = field.u64("an offset");
    }
    if (entries.has(entryName)) throw new FileError(name, `is corrupt: it holds ${quoted(entryName)} twice`);
    packedInAll += packed;
    if (packedInAll > bytes.length)
      throw new FileError(name, "is truncated or corrupt: its entries take more bytes than the file has");
    entries.set(entryName, { method, flags, crc, packed, size, offset });
  }
  return entries;
}

function findDirectory(
  bytes: Uint8Array,
  name: string,
): { start: number; count: number; byteCount: number; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The end record is the last thing in the file, but for a comment of at most 65,535 bytes.
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 65535); at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    const count = view.getUint16(at + 10, true),
      byteCount = view.getUint32(at + 12, true),
      start = view.getUint32(at + 16, true);
    if (count !== 0xffff && byteCount !== 0xffffffff && start !== 0xffffffff)
      return { start, count, byteCount, end: at };
    if (at < 20 || view.getUint32(at - 20, true) !== 0x07064b50) break;
    const wide = new ByteReader(bytes, name, Number(view.getBigUint64(at - 12, true)));
    if (wide.u32("the zip64 end record") !== 0x06064b50) break;
    wide.take(28, "the zip64 end record");
    return { count: wide.u64("a count"), byteCount: wide.u64("a size"), start: wide.u64("an offset"), end: at };
  }
  throw new FileError(name, "is no zip archive, or a truncated one: its directory is missing from the end");
}

function readEntry(bytes: Uint8Array, name: string, entryName: string, entry: Entry): Uint8Array {
  const what = quoted(entryName);
  if (entry.flags & 1) throw new FileError(name, `is encrypted (${what}), which is not read`);
  const reader = new ByteReader(bytes, name, Math.min(entry.offset, bytes.length));
  if (reader.u32(what) !== 0x04034b50)
    throw new FileError(name, `is corrupt: ${what} is not where the zip directory says`);
  reader.take(22, what);
  const nameLength = reader.u16(what),
    extraLength = reader.u16(what);
  reader.take(nameLength + extraLength, what);
  const packed = reader.take(entry.packed, what);
  const contents = unpack(packed, entry, name, what);
  if (crc32(contents) !== entry.crc) throw new FileError(name, `is corrupt: the checksum of ${what} is wrong`);
  return contents;
}

function unpack(packed: Uint8Array, entry: Entry, name: string, what: string): Uint8Array {
  if (entry.method === 0 && entry.packed === entry.size) return packed;
  if (entry.method !== 8)
    throw new FileError(
      name,
      `is corrupt, or packs ${what} by method ${entry.method}; stored and deflated entries are read`,
    );
  if (entry.size > Math.min(sizeLimit, entry.packed * bestRatio + 1024))
    throw new FileError(name, `is corrupt: ${what} claims to unpack to ${entry.size} bytes`);
  try {
    const contents = inflateRaw(packed, entry.size);
    if (contents.length === entry.size) return contents;
  } catch {
    // Said below: zlib's own words add nothing.
  }
  throw new FileError(name, `is corrupt: ${what} does not unpack to ${entry.size} bytes`);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32Here(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The checksum of zip and PNG. */
export const crc32: (bytes: Uint8Array) => number = crc32Native ?? crc32Here;
