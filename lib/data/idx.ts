// IDX files, the format of MNIST.
import { FileError } from "../core/errors";
import { gunzip, gunzipStart } from "./compression";
import { asBytes, asNumbers, bytesPerElement, elementCount, type DType, type NdArray } from "./nd-array";
import { ByteReader } from "./byte-reader";
import { nameOf, type FileSource } from "./file-source";
import { readBytes } from "./read-bytes";

const dtypes: Record<number, DType> = {
  0x08: "uint8",
  0x09: "int8",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
};

/** An IDX file, the format of MNIST (http://yann.lecun.com/exdb/mnist/), gzipped or not. @throws FileError */
export async function readIdx(file: FileSource): Promise<NdArray> {
  return decodeIdx(await readBytes(file), nameOf(file));
}

/** @param name the file's, for messages */
export function decodeIdx(bytes: Uint8Array, name: string): NdArray {
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  // The header says how much there is to unpack, so that a corrupt file cannot fill the memory.
  const header = readHeader(gzipped ? unzipStart(bytes, name) : bytes, name);
  const body = gzipped ? unzip(bytes, header.start + header.byteCount, name) : bytes;
  if (body.length !== header.start + header.byteCount) {
    throw new FileError(
      name,
      `is corrupt: ${header.shape.join(" × ")} ${header.dtype} take ${header.byteCount} bytes, and it holds ` +
        `${body.length - header.start}`,
    );
  }
  const values = body.subarray(header.start);
  const size = bytesPerElement(header.dtype);
  const data = asNumbers(size > 1 ? new Uint8Array(values) : values, header.dtype);
  if (size > 1) swapBytes(asBytes(data), size);
  return { dtype: header.dtype, shape: header.shape, data };
}

function readHeader(
  bytes: Uint8Array,
  name: string,
): { dtype: DType; shape: number[]; start: number; byteCount: number } {
  const reader = new ByteReader(bytes, name);
  const magic = reader.take(4, "the magic number");
  const dtype = dtypes[magic[2]];
  if (magic[0] !== 0 || magic[1] !== 0 || !dtype)
    throw new FileError(name, `is no IDX file: it starts with ${hex(magic)}, not with 0000 and a type`);
  const shape = Array.from({ length: magic[3] }, (_, axis) => reader.u32BigEndian(`size ${axis}`));
  const byteCount = (elementCount(shape) ?? Infinity) * bytesPerElement(dtype);
  if (byteCount > 2 ** 31) throw new FileError(name, `is corrupt: its header claims ${shape.join(" × ")} values`);
  return { dtype, shape, start: reader.offset, byteCount };
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Enough of a gzipped file to hold any header (at most 4 + 255 · 4 bytes). */
function unzipStart(bytes: Uint8Array, name: string): Uint8Array {
  return inWords(() => gunzipStart(bytes.subarray(0, 4096)), name);
}

function unzip(bytes: Uint8Array, expected: number, name: string): Uint8Array {
  if (expected > bytes.length * 1032 + 1024)
    throw new FileError(name, `is truncated or corrupt: ${bytes.length} bytes cannot unpack to ${expected}`);
  return inWords(() => gunzip(bytes, expected), name);
}

function inWords(unpack: () => Uint8Array, name: string): Uint8Array {
  try {
    return unpack();
  } catch (error) {
    throw new FileError(
      name,
      error instanceof RangeError
        ? "is corrupt: it unpacks to more than its header says"
        : `is truncated or corrupt: ${(error as Error).message}`,
    );
  }
}

/** Turns big-endian elements into little-endian ones, or back, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start + size <= bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}
