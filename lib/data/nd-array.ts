// Numbers of any type as files hold them, and what turns them into others.

export type DType =
  "float64" | "float32" | "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "bool";

export type NumericArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Numbers read from a file, row-major (C order). */
export interface NdArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** One element per value; `bool` as 0 and 1 in a Uint8Array. May be a view of the file's bytes. */
  readonly data: NumericArray;
}

interface ArrayType {
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
}

const arrayTypes: Record<DType, ArrayType> = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

export const bytesPerElement = (dtype: DType): number => arrayTypes[dtype].BYTES_PER_ELEMENT;

export const emptyArray = (dtype: DType, length: number): NumericArray => new arrayTypes[dtype](length);

/** The bytes as numbers: a view where they are aligned, else a copy. */
export function asNumbers(bytes: Uint8Array, dtype: DType): NumericArray {
  const size = bytesPerElement(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new arrayTypes[dtype](aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / size));
}

/** The numbers' bytes, without a copy. */
export const asBytes = (data: NumericArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Product of the sizes, or undefined where it is no safe number of elements. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** IEEE half-precision numbers, little-endian, widened to float32. */
export function widenFloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => {
    const half = view.getUint16(2 * i, true);
    const sign = half & 0x8000 ? -1 : 1,
      exponent = (half >> 10) & 0x1f,
      fraction = half & 0x3ff;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** bfloat16 numbers, little-endian, widened to float32. */
export function widenBfloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = Uint32Array.from({ length: bytes.length >> 1 }, (_, i) => view.getUint16(2 * i, true) << 16);
  return new Float32Array(wide.buffer);
}
