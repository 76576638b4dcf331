import { ByteReader } from "./byte-reader";
import { crc32 } from "./crc32";
import { exifOrientation, type Orientation } from "./exif-orientation";
import { FileError } from "../core/errors";
import { imageFormat } from "./image-format";

export interface ImageHeader {
  readonly format: "PNG" | "JPEG";
  readonly width: number;
  readonly height: number;
  /** How a PNG is to be turned. Canvases turn a JPEG by themselves. */
  readonly orientation: Orientation;
}

/** More would be a mistake, or an attempt to fill the memory. */
const pixelLimit = 64e6;

/**
 * Of a PNG or JPEG, after checking that the file is whole: decoders fill up what is missing with grey.
 * @throws FileError
 */
export function readImageHeader(bytes: Uint8Array, name: string): ImageHeader {
  const format = imageFormat(bytes);
  if (format !== "PNG" && format !== "JPEG") throw new FileError(name, "is neither a PNG nor a JPEG image");
  const header = format === "PNG" ? readPng(bytes, name) : readJpeg(bytes, name);
  checkImageSize(header.width, header.height, name);
  return header;
}

/** @throws FileError where there is no pixel, or more than are read */
export function checkImageSize(width: number, height: number, name: string): void {
  if (width >= 1 && height >= 1 && width * height <= pixelLimit) return;
  throw new FileError(name, `has ${width} × ${height} pixels; 1 to ${pixelLimit / 1e6} million are read`);
}

function readPng(bytes: Uint8Array, name: string): ImageHeader {
  const reader = new ByteReader(bytes, name, 8);
  let size: { width: number; height: number } | undefined,
    orientation: Orientation = 1;
  for (;;) {
    const length = reader.u32BigEndian("a PNG chunk"),
      start = reader.offset;
    const kind = reader.ascii(4, "a PNG chunk");
    const body = new ByteReader(reader.take(length, `PNG chunk ${kind.replace(/[^\x21-\x7e]/g, "?")}`), name);
    if (crc32(bytes.subarray(start, start + 4 + length)) !== reader.u32BigEndian("a PNG checksum"))
      throw new FileError(name, "is corrupt: the checksum of a PNG chunk is wrong");
    if (!size) {
      if (kind !== "IHDR") throw new FileError(name, "is corrupt: its first PNG chunk is no header");
      size = { width: body.u32BigEndian("the width"), height: body.u32BigEndian("the height") };
    }
    if (kind === "eXIf") orientation = exifOrientation(body.bytes);
    if (kind === "IEND") return { format: "PNG", ...size, orientation };
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
    if (
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(Buffer.from([0xff, 0xd9]), reader.offset) <
      0
    )
      throw new FileError(name, "is truncated: the JPEG's end marker is missing");
    return { format: "JPEG", ...size, orientation: 1 };
  }
}
