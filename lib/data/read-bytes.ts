// Bytes of files, read in order, with an end that is noticed.
import * as fs from "node:fs/promises";
import { FileError } from "../core/errors";

/** The whole file. @throws FileError where it is missing, a folder, not readable, or too large for one buffer */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await fs.readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new FileError(file, "does not exist", "Check the path.");
    if (code === "EISDIR") throw new FileError(file, "is a folder, not a file");
    if (code === "EACCES") throw new FileError(file, "may not be read by this user");
    if (code === "ERR_FS_FILE_TOO_LARGE")
      throw new FileError(file, "is larger than 2 GiB, which is more than is read at once");
    throw new FileError(file, `cannot be read: ${code ?? String(error)}`);
  }
}

/** Reads a file's header piece by piece; beyond the end is an error that names the file, never a wrong value. */
export class ByteReader {
  private readonly view: DataView;
  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
    public offset = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Moves on by `count` bytes and gives the offset where they start. */
  private step(count: number, what: string): number {
    if (!Number.isSafeInteger(count) || count < 0 || count > this.left) {
      throw new FileError(
        this.file,
        `is truncated or corrupt: ${what} needs ${count} bytes at offset ${this.offset}, and ` +
          `${Math.max(0, this.left)} are left`,
      );
    }
    const start = this.offset;
    this.offset += count;
    return start;
  }

  take(count: number, what: string): Uint8Array {
    const start = this.step(count, what);
    return this.bytes.subarray(start, start + count);
  }

  ascii(count: number, what: string): string {
    return Buffer.from(this.take(count, what)).toString("latin1");
  }

  utf8(count: number, what: string): string {
    return Buffer.from(this.take(count, what)).toString("utf8");
  }

  u8 = (what: string): number => this.view.getUint8(this.step(1, what));
  u16 = (what: string): number => this.view.getUint16(this.step(2, what), true);
  u32 = (what: string): number => this.view.getUint32(this.step(4, what), true);
  i32 = (what: string): number => this.view.getInt32(this.step(4, what), true);
  u32BigEndian = (what: string): number => this.view.getUint32(this.step(4, what), false);
  f64BigEndian = (what: string): number => this.view.getFloat64(this.step(8, what), false);

  /** An unsigned 64-bit count; one beyond 2^53 is refused, as no file has so many bytes. */
  u64(what: string): number {
    const value = this.view.getBigUint64(this.step(8, what), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new FileError(this.file, `is corrupt: ${what} claims ${value} bytes`);
    return Number(value);
  }
}
