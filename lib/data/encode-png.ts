import * as zlib from "node:zlib";
import { crc32 } from "./crc32";
import { FileError } from "../core/errors";
import type { Pixels } from "./pixels";
import { writeAtomically } from "../core/files";

/** An 8-bit PNG, grey or RGB: the same bytes on every machine with the same zlib. */
export function encodePng({ height, width, channels, data }: Pixels): Uint8Array {
  if (height < 1 || width < 1 || data.length !== height * width * channels)
    throw new FileError("picture", `has ${data.length} values, which is not ${height} × ${width} × ${channels}`);
  const row = width * channels,
    lines = Buffer.alloc(height * (row + 1));
  // Each row is preceded by its filter, 2: what it differs from the row above. Pictures pack better so.
  for (let y = 0; y < height; y++) {
    const to = y * (row + 1),
      from = y * row;
    lines[to] = y === 0 ? 0 : 2;
    for (let i = 0; i < row; i++) lines[to + 1 + i] = data[from + i] - (y === 0 ? 0 : data[from - row + i]);
  }
  return pngFile({ height, width, colours: channels === 3 ? 2 : 0, packed: zlib.deflateSync(lines) });
}

/** Red, green, blue and opacity, four bytes a pixel, as a PNG: packed in a quarter of the time, a little worse. */
export function quickPng({ height, width, data }: { height: number; width: number; data: Uint8Array }): Uint8Array {
  const row = 4 * width,
    lines = Buffer.alloc(height * (row + 1));
  for (let y = 0; y < height; y++) lines.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  return pngFile({
    height,
    width,
    colours: 6,
    packed: zlib.deflateSync(lines, { level: zlib.constants.Z_BEST_SPEED }),
  });
}

/** @param colours the PNG's number for what a pixel is made of */
function pngFile(of: { height: number; width: number; colours: number; packed: Uint8Array }): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(of.width, 0);
  header.writeUInt32BE(of.height, 4);
  header.set([8, of.colours], 8);
  const parts = [chunk("IHDR", header), chunk("IDAT", of.packed), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

/** @throws FileError where it cannot be written */
export async function writePng(file: string, image: Pixels): Promise<void> {
  await writeAtomically(file, encodePng(image));
}

function chunk(kind: string, body: Uint8Array): Buffer {
  const framed = Buffer.alloc(body.length + 12);
  framed.writeUInt32BE(body.length, 0);
  framed.write(kind, 4, "latin1");
  framed.set(body, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + body.length)), 8 + body.length);
  return framed;
}
