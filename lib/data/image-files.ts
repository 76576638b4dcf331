// Pictures as files: which format, how large, which side is up, and written as PNG.
import { FileError } from "../core/errors";
import { writeAtomically } from "../core/files";
import { asciiBytes, ByteReader, concat, latin1 } from "./byte-reader";
import { deflate } from "./compression";
import { crc32 } from "./zip";

/** A picture outside the tensor engine. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  /** 1: grey, 3: RGB. */
  readonly channels: 1 | 3;
  /** height · width · channels values from 0 to 255, row-major, channels last. */
  readonly data: Uint8Array;
}

/** RGB to grey by the luma weights of ITU-R 601, as in PIL's mode L; grey to RGB by repetition. */
export function withChannels(image: Pixels, channels: 1 | 3): Pixels {
  if (image.channels === channels) return image;
  const count = image.height * image.width,
    data = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    if (channels === 3) data.fill(image.data[i], 3 * i, 3 * i + 3);
    else
      data[i] = Math.round(0.299 * image.data[3 * i] + 0.587 * image.data[3 * i + 1] + 0.114 * image.data[3 * i + 2]);
  }
  return { height: image.height, width: image.width, channels, data };
}

/** A kind of picture file, told by its first bytes, whatever its name ends with. */
export type ImageFormat = "PNG" | "JPEG" | "WebP" | "AVIF" | "GIF" | "TIFF" | "HEIC";

/** In messages and help: what a file of pictures may be. */
export const readFormats = "PNG, JPEG, WebP, AVIF, GIF or TIFF";

/** The same by the endings of their names, and with arrays. */
export const pictureEndings = ".png, .jpg, .webp, .avif, .gif or .tif";
export const readEndings = `.npy, ${pictureEndings}`;

/** The names of files that are taken for pictures. */
export const pictureEnding = /\.(png|jpe?g|webp|avif|gif|tiff?)$/i;

export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = latin1(bytes.subarray(0, 32));
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (start.startsWith("\xff\xd8")) return "JPEG";
  if (/^RIFF.{4}WEBP/s.test(start)) return "WebP";
  if (/^GIF8[79]a/.test(start)) return "GIF";
  // Little-endian and big-endian; with 43, of more than 4 GiB.
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return "TIFF";
  if (/^.{4}ftypavi[fs]/s.test(start)) return "AVIF";
  // A container that names what it holds among its further brands.
  if (/^.{4}ftypmi[fa]1/s.test(start)) return start.slice(16).includes("avif") ? "AVIF" : "HEIC";
  return /^.{4}ftyphe[iv]/s.test(start) ? "HEIC" : undefined;
}

/** How a camera was held, as the standard counts: 1 upright; 2 to 8 turned or mirrored. */
type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const orientationTag = 0x0112;

/** @param exif a block of TIFF structure; one that is damaged says nothing */
function exifOrientation(exif: Uint8Array): Orientation {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  try {
    const little = view.getUint16(0) === 0x4949,
      directory = view.getUint32(4, little);
    for (let left = view.getUint16(directory, little), at = directory + 2; left > 0; left--, at += 12) {
      if (view.getUint16(at, little) !== orientationTag) continue;
      const value = view.getUint16(at + 8, little);
      return value >= 1 && value <= 8 ? (value as Orientation) : 1;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** The picture as it was seen: turned back by its orientation. */
export function upright(image: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return image;
  // From 5 on, rows are columns.
  const turned = orientation >= 5,
    { channels } = image;
  const height = turned ? image.width : image.height,
    width = turned ? image.height : image.width;
  const fromRight = [2, 3, 7, 8].includes(orientation),
    fromBelow = [3, 4, 6, 7].includes(orientation);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [row, column] = turned ? [x, y] : [y, x];
      const fromRow = fromBelow ? image.height - 1 - row : row;
      const fromColumn = fromRight ? image.width - 1 - column : column;
      const from = (fromRow * image.width + fromColumn) * channels,
        to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = image.data[from + c];
    }
  return { height, width, channels, data };
}

/**
 * The orientation that a PNG or WebP says, and the file without it: which of them turn by it differs between browsers,
 * and none can be told not to.
 */
export function withoutOrientation(
  bytes: Uint8Array,
  format: "PNG" | "WebP",
): { orientation: Orientation; bytes: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    png = format === "PNG";
  for (let at = png ? 8 : 12; at + 8 <= bytes.length;) {
    // A PNG's length comes first and counts neither itself, nor the name, nor the checksum; a WebP's is even.
    const length = view.getUint32(png ? at : at + 4, !png),
      whole = png ? length + 12 : 8 + length + (length % 2);
    const name = at + (png ? 4 : 0);
    if (/^exif$/i.test(latin1(bytes.subarray(name, name + 4)))) {
      const block = bytes.subarray(at + 8, at + 8 + length);
      // Some writers put JPEG's mark before it.
      const orientation = exifOrientation(latin1(block.subarray(0, 4)) === "Exif" ? block.subarray(6) : block);
      if (png) return { orientation, bytes: concat([bytes.subarray(0, at), bytes.subarray(at + whole)]) };
      // The container counts its bytes: the block stays, under a name that nobody knows.
      const renamed = bytes.slice();
      renamed.set(asciiBytes("    "), name);
      return { orientation, bytes: renamed };
    }
    at += whole;
  }
  return { orientation: 1, bytes };
}

interface ImageHeader {
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
    if (!endsSomewhere(bytes, reader.offset))
      throw new FileError(name, "is truncated: the JPEG's end marker is missing");
    return { format: "JPEG", ...size, orientation: 1 };
  }
}

/** Whether a JPEG's end marker follows. */
function endsSomewhere(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1))
    if (bytes[at + 1] === 0xd9) return true;
  return false;
}

/** An 8-bit PNG, grey or RGB: the same bytes on every machine with the same zlib. */
export function encodePng({ height, width, channels, data }: Pixels): Uint8Array {
  if (height < 1 || width < 1 || data.length !== height * width * channels)
    throw new FileError("picture", `has ${data.length} values, which is not ${height} × ${width} × ${channels}`);
  const row = width * channels,
    lines = new Uint8Array(height * (row + 1));
  // Each row is preceded by its filter, 2: what it differs from the row above. Pictures pack better so.
  for (let y = 0; y < height; y++) {
    const to = y * (row + 1),
      from = y * row;
    lines[to] = y === 0 ? 0 : 2;
    for (let i = 0; i < row; i++) lines[to + 1 + i] = data[from + i] - (y === 0 ? 0 : data[from - row + i]);
  }
  return pngFile({ height, width, colours: channels === 3 ? 2 : 0, packed: deflate(lines) });
}

/** Red, green, blue and opacity, four bytes a pixel, as a PNG: packed in a quarter of the time, a little worse. */
export function quickPng({ height, width, data }: { height: number; width: number; data: Uint8Array }): Uint8Array {
  const row = 4 * width,
    lines = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) lines.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  return pngFile({ height, width, colours: 6, packed: deflate(lines, true) });
}

/** @param colours the PNG's number for what a pixel is made of */
function pngFile(of: { height: number; width: number; colours: number; packed: Uint8Array }): Uint8Array {
  const header = new Uint8Array(13),
    view = new DataView(header.buffer);
  view.setUint32(0, of.width);
  view.setUint32(4, of.height);
  header.set([8, of.colours], 8);
  const parts = [chunk("IHDR", header), chunk("IDAT", of.packed), chunk("IEND", new Uint8Array(0))];
  return concat([asciiBytes("\x89PNG\r\n\x1a\n"), ...parts]);
}

/** @throws FileError where it cannot be written */
export async function writePng(file: string, image: Pixels): Promise<void> {
  await writeAtomically(file, encodePng(image));
}

function chunk(kind: string, body: Uint8Array): Uint8Array {
  const framed = new Uint8Array(body.length + 12),
    view = new DataView(framed.buffer);
  view.setUint32(0, body.length);
  framed.set(asciiBytes(kind), 4);
  framed.set(body, 8);
  view.setUint32(8 + body.length, crc32(framed.subarray(4, 8 + body.length)));
  return framed;
}
