import { ByteReader } from "./byte-reader";
import { crc32 } from "./crc32";
import { FileError } from "./file-error";

export interface ImageHeader { readonly format: "png" | "jpeg"; readonly width: number; readonly height: number }

/** More would be a mistake, or an attempt to fill the memory. */
const pixelLimit = 64e6;

/** Format and size, after checking that the file is whole: decoders fill up what is missing with grey. @throws FileError */
export function readImageHeader(bytes: Uint8Array, name: string): ImageHeader {
  const header = isPng(bytes) ? readPng(bytes, name) : bytes[0] === 0xff && bytes[1] === 0xd8 ? readJpeg(bytes, name) : undefined;
  if (!header) throw new FileError(name, "is neither a PNG nor a JPEG image");
  if (header.width < 1 || header.height < 1 || header.width * header.height > pixelLimit) throw new FileError(name, `has ${header.width} × ${header.height} pixels; 1 to ${pixelLimit / 1e6} million are read`);
  return header;
}

const isPng = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 8)).toString("latin1") === "\x89PNG\r\n\x1a\n";

function readPng(bytes: Uint8Array, name: string): ImageHeader {
  const reader = new ByteReader(bytes, name, 8);
  let size: { width: number; height: number } | undefined;
  for (;;) {
    const length = reader.u32BigEndian("a PNG chunk"), start = reader.offset;
    const kind = reader.ascii(4, "a PNG chunk");
    const body = new ByteReader(reader.take(length, `PNG chunk ${kind.replace(/[^\x21-\x7e]/g, "?")}`), name);
    if (crc32(bytes.subarray(start, start + 4 + length)) !== reader.u32BigEndian("a PNG checksum")) throw new FileError(name, "is corrupt: the checksum of a PNG chunk is wrong");
    if (!size) {
      if (kind !== "IHDR") throw new FileError(name, "is corrupt: its first PNG chunk is no header");
      size = { width: body.u32BigEndian("the width"), height: body.u32BigEndian("the height") };
    }
    if (kind === "IEND") return { format: "png", ...size };
  }
}

function readJpeg(bytes: Uint8Array, name: string): ImageHeader {
  const reader = new ByteReader(bytes, name, 2);
  let size: { width: number; height: number } | undefined;
  for (;;) {
    if (reader.u8("a JPEG marker") !== 0xff) throw new FileError(name, "is corrupt: a JPEG marker is missing");
    let marker = reader.u8("a JPEG marker");
    while (marker === 0xff) marker = reader.u8("a JPEG marker");
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const [high, low] = reader.take(2, "a JPEG segment");
    const body = new ByteReader(reader.take(Math.max(0, high * 256 + low - 2), "a JPEG segment"), name);
    // Start of frame, of any kind but the tables among them.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [, h1, h0, w1, w0] = body.take(5, "the JPEG's size");
      size = { height: h1 * 256 + h0, width: w1 * 256 + w0 };
    }
    if (marker !== 0xda) continue;
    if (!size) throw new FileError(name, "is corrupt: the JPEG's size is missing");
    if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.from([0xff, 0xd9]), reader.offset) < 0) throw new FileError(name, "is truncated: the JPEG's end marker is missing");
    return { format: "jpeg", ...size };
  }
}
