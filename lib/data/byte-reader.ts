// Bytes read in order, with an end that is noticed.
import { FileError } from "../core/errors";

/** A character for each byte. */
export const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** A byte for each character up to 255. */
export const asciiBytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** One after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

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
    return latin1(this.take(count, what));
  }

  utf8(count: number, what: string): string {
    return utf8.decode(this.take(count, what));
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
