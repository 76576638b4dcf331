import { inflateSync } from "node:zlib";

/** A decoded picture: RGBA bytes, row-major. */
export interface Pixels {
  width: number;
  height: number;
  rgba: Uint8Array;
}

/** Decodes the PNG files that resvg writes (8 bits, RGBA, not interlaced), by the PNG specification. */
export function decodePng(file: Buffer): Pixels {
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const kind = [...file.subarray(24, 29)];
  if (kind[0] !== 8 || kind[1] !== 6 || kind[4] !== 0) throw new Error(`not an 8-bit RGBA PNG: ${kind.join()}`);
  const data: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString("latin1", at + 4, at + 8) === "IDAT")
      data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = 4 * width;
  const rgba = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x >= 4 ? rgba[y * stride + x - 4] : 0;
      const above = y > 0 ? rgba[(y - 1) * stride + x] : 0;
      const corner = x >= 4 && y > 0 ? rgba[(y - 1) * stride + x - 4] : 0;
      const p = left + above - corner;
      const [a, b, c] = [Math.abs(p - left), Math.abs(p - above), Math.abs(p - corner)];
      const paeth = a <= b && a <= c ? left : b <= c ? above : corner;
      rgba[y * stride + x] = raw[y * (stride + 1) + 1 + x] + [0, left, above, (left + above) >> 1, paeth][filter];
    }
  }
  return { width, height, rgba };
}

export const pixelAt = ({ width, rgba }: Pixels, x: number, y: number): [number, number, number] => {
  const at = 4 * (Math.round(y) * width + Math.round(x));
  return [rgba[at], rgba[at + 1], rgba[at + 2]];
};

/** How many pixels of a rectangle satisfy a condition. */
export function countPixels(
  pixels: Pixels,
  box: { left: number; top: number; width: number; height: number },
  holds: (rgb: [number, number, number]) => boolean,
): number {
  let count = 0;
  for (let y = Math.floor(box.top); y < box.top + box.height; y++)
    for (let x = Math.floor(box.left); x < box.left + box.width; x++) if (holds(pixelAt(pixels, x, y))) count++;
  return count;
}

/** "#rrggbb" → its three bytes. */
export const bytesOf = (hex: string): [number, number, number] =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
