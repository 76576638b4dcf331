// Weights as safetensors.
import { FileError } from "../core/errors";
import { quoted } from "../core/text";
import { writeAtomically } from "../core/files";
import {
  widenBfloat16,
  widenFloat16,
  asBytes,
  asNumbers,
  bytesPerElement,
  elementCount,
  type DType,
  type NdArray,
} from "./nd-array";
import { asciiBytes, ByteReader, concat } from "./byte-reader";
import { nameOf, type FileSource } from "./file-source";
import { readBytes } from "./read-bytes";

const dtypes: Record<string, DType> = {
  F64: "float64",
  F32: "float32",
  I8: "int8",
  U8: "uint8",
  I16: "int16",
  U16: "uint16",
  I32: "int32",
  U32: "uint32",
  I64: "int64",
  U64: "uint64",
  BOOL: "bool",
};
const codes = Object.fromEntries(Object.entries(dtypes).map(([code, dtype]) => [dtype, code])) as Record<DType, string>;
type Widen = (bytes: Uint8Array) => Float32Array;
const halves: Partial<Record<string, Widen>> = { F16: widenFloat16, BF16: widenBfloat16 };

interface Header {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * A safetensors file (https://github.com/huggingface/safetensors). F16 and BF16 are widened to float32. @throws
 * FileError
 */
export async function readSafetensors(file: FileSource): Promise<Map<string, NdArray>> {
  return decodeSafetensors(await readBytes(file), nameOf(file));
}

/** @throws FileError where it cannot be written */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, NdArray>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeAtomically(file, encodeSafetensors(tensors, metadata));
}

/** @param name the file's, for messages */
export function decodeSafetensors(bytes: Uint8Array, name: string): Map<string, NdArray> {
  const reader = new ByteReader(bytes, name);
  const length = reader.u64("the header's length");
  if (length > 100_000_000) throw new FileError(name, `is no safetensors file: its header would have ${length} bytes`);
  const header = parseHeader(reader.utf8(length, "the header"), name);
  const buffer = bytes.subarray(reader.offset);
  const tensors = new Map<string, NdArray>();
  let next = 0;
  for (const [tensor, info] of [...header].sort(
    (a, b) => a[1].data_offsets[0] - b[1].data_offsets[0] || a[1].data_offsets[1] - b[1].data_offsets[1],
  )) {
    const [start, end] = info.data_offsets,
      what = `tensor ${quoted(tensor)}`;
    // As the format demands: no holes, no overlaps, so that no byte can mean two things.
    if (start !== next || end < start || end > buffer.length)
      throw new FileError(
        name,
        `is truncated or corrupt: ${what} lies at bytes ${start} to ${end}, after ${next} and within ${buffer.length}`,
      );
    const dtype: DType | undefined = dtypes[info.dtype],
      half = halves[info.dtype],
      count = elementCount(info.shape);
    const width = half ? 2 : dtype && bytesPerElement(dtype);
    if (!width) throw new FileError(name, `holds ${what} of type ${quoted(info.dtype)}, which is not read`);
    if (count === undefined || count * width !== end - start)
      throw new FileError(
        name,
        `is corrupt: ${what} of shape [${info.shape.slice(0, 8).join(", ")}] has ${end - start} bytes`,
      );
    const values = buffer.subarray(start, end);
    tensors.set(
      tensor,
      half
        ? { dtype: "float32", shape: info.shape, data: half(values) }
        : { dtype, shape: info.shape, data: asNumbers(values, dtype) },
    );
    next = end;
  }
  if (next !== buffer.length)
    throw new FileError(name, `is corrupt: ${buffer.length - next} bytes after the last tensor belong to none`);
  return tensors;
}

export function encodeSafetensors(
  tensors: ReadonlyMap<string, NdArray>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = metadata ? [["__metadata__", metadata]] : [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    if (elementCount(shape) !== data.length)
      throw new FileError(name, `has ${data.length} values, but its shape is [${shape.join(", ")}]`);
    header.push([name, { dtype: codes[dtype], shape, data_offsets: [offset, (offset += data.byteLength)] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Padded with spaces, so that the values start at a multiple of eight.
  const padded = concat([json, asciiBytes(" ".repeat((8 - (json.length % 8)) % 8))]);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return concat([length, padded, ...[...tensors.values()].map(({ data }) => asBytes(data))]);
}

function parseHeader(text: string, name: string): Map<string, Header> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new FileError(name, "is no safetensors file, or a corrupt one: its header is not JSON");
  }
  if (!parsed || typeof parsed !== "object" || Array.isArray(parsed))
    throw new FileError(name, "is corrupt: its header is no JSON object");
  const header = new Map<string, Header>();
  for (const [tensor, info] of Object.entries(parsed as Record<string, Partial<Header> | null>)) {
    if (tensor === "__metadata__") continue;
    const natural = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
    const fits =
      info &&
      typeof info === "object" &&
      typeof info.dtype === "string" &&
      Array.isArray(info.shape) &&
      info.shape.every(natural) &&
      Array.isArray(info.data_offsets) &&
      info.data_offsets.length === 2 &&
      info.data_offsets.every(natural);
    if (!fits) throw new FileError(name, `is corrupt: its header describes tensor ${quoted(tensor)} wrongly`);
    header.set(tensor, info as Header);
  }
  return header;
}
