// Deflate, as gzip, zip and PNG pack by it, and their checksum: by Node's own zlib. A browser's half stands beside.
import * as zlib from "node:zlib";

/** As a PNG's data. @param quick in a quarter of the time, a little larger. Default: false */
export const deflate = (bytes: Uint8Array, quick = false): Uint8Array =>
  zlib.deflateSync(bytes, quick ? { level: zlib.constants.Z_BEST_SPEED } : {});

/** An entry of a zip archive. @throws Error where it is damaged, or unpacks to more than `size` bytes */
export const inflateRaw = (packed: Uint8Array, size: number): Uint8Array =>
  zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });

/**
 * A gzipped file. @param expected how many bytes it should unpack to
 * @throws RangeError where it unpacks to more; Error where it is damaged
 */
export function gunzip(bytes: Uint8Array, expected: number): Uint8Array {
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: expected + 1, chunkSize: Math.min(1 << 20, expected + 64) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new RangeError("too much", { cause: error });
    throw error;
  }
}

/** What the first bytes of a gzipped file unpack to. @throws Error where it is damaged */
export const gunzipStart = (bytes: Uint8Array): Uint8Array =>
  zlib.gunzipSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH });

/** The checksum of zip and PNG, where Node has it built in (22 and later). */
export const crc32Native = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32;
