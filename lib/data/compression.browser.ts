// Deflate in a browser, by fflate.
import { Gunzip, Inflate, zlibSync } from "fflate";

/** As a PNG's data. @param quick in less time, a little larger. Default: false */
export const deflate = (bytes: Uint8Array, quick = false): Uint8Array => zlibSync(bytes, { level: quick ? 1 : 6 });

/** An entry of a zip archive. @throws Error where it is damaged, or unpacks to more than `size` bytes */
export function inflateRaw(packed: Uint8Array, size: number): Uint8Array {
  const unpacked = new Collected(Math.max(1, size)),
    inflate = new Inflate((piece) => unpacked.add(piece));
  inflate.push(packed, true);
  return unpacked.bytes();
}

/**
 * A gzipped file. @param expected how many bytes it should unpack to
 * @throws RangeError where it unpacks to more; Error where it is damaged
 */
export function gunzip(bytes: Uint8Array, expected: number): Uint8Array {
  const unpacked = new Collected(expected + 1),
    stream = new Gunzip((piece) => unpacked.add(piece));
  stream.push(bytes, true);
  return unpacked.bytes();
}

/** What the first bytes of a gzipped file unpack to. @throws Error where it is damaged */
export function gunzipStart(bytes: Uint8Array): Uint8Array {
  const unpacked = new Collected(Infinity),
    stream = new Gunzip((piece) => unpacked.add(piece));
  stream.push(bytes);
  return unpacked.bytes();
}

/** Pieces of what is unpacked, of which there may be so many bytes. */
class Collected {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;
  constructor(private readonly most: number) {}

  add(piece: Uint8Array): void {
    this.size += piece.length;
    if (this.size > this.most) throw new RangeError("too much");
    this.pieces.push(piece);
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}

/** Browsers have none. */
export const crc32Native = undefined;
