// NumPy's files: one array (.npy), or several in a zip archive (.npz).
import { zipSync } from "fflate";
import { FileError } from "../core/errors";
import { quoted } from "../core/text";
import { writeAtomically } from "../core/files";
import { swapBytes } from "./idx";
import {
  asBytes,
  asNumbers,
  bytesPerElement,
  elementCount,
  emptyArray,
  type DType,
  type NdArray,
  type NumericArray,
} from "./nd-array";
import { asciiBytes, ByteReader, concat } from "./byte-reader";
import { nameOf, type FileSource } from "./file-source";
import { readBytes } from "./read-bytes";
import { openZip } from "./zip";
import { sizeOf } from "../core/chunks";

const dtypes: Record<string, DType> = {
  f8: "float64",
  f4: "float32",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  b1: "bool",
};
const codes = Object.fromEntries(Object.entries(dtypes).map(([code, dtype]) => [dtype, code])) as Record<DType, string>;

/**
 * A NumPy array file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3, either
 * byte order; Fortran order is turned into C order. Object, string, complex and structured arrays are refused.
 * @throws FileError
 */
export async function readNpy(file: FileSource): Promise<NdArray> {
  return decodeNpy(await readBytes(file), nameOf(file));
}

/** Little-endian, C order, version 1.0. @throws FileError where it cannot be written */
export async function writeNpy(file: string, array: NdArray): Promise<void> {
  await writeAtomically(file, encodeNpy(array));
}

/** @param name the file's, for messages */
export function decodeNpy(bytes: Uint8Array, name: string): NdArray {
  const reader = new ByteReader(bytes, name);
  if (reader.ascii(6, "the magic string") !== "\x93NUMPY")
    throw new FileError(name, "is no .npy file: it does not start with \\x93NUMPY");
  const major = reader.u8("the version");
  reader.u8("the version");
  if (major < 1 || major > 3)
    throw new FileError(name, `is an .npy file of version ${major}; versions 1 to 3 are read`);
  const header = reader.utf8(
    major === 1 ? reader.u16("the header's length") : reader.u32("the header's length"),
    "the header",
  );
  const { descr, fortran, shape } = parseHeader(header, name);
  const dtype = dtypes[descr.slice(1)];
  if (!dtype || !"<>|=".includes(descr[0])) {
    throw new FileError(
      name,
      `has element type ${quoted(descr)}, which is not read`,
      descr.endsWith("O")
        ? "Object arrays are pickles, which can run code: save plain numbers instead."
        : "Numbers are: float32 or float64, integers, booleans.",
    );
  }
  const size = bytesPerElement(dtype),
    count = elementCount(shape);
  if (count === undefined || count * size !== reader.left) {
    throw new FileError(
      name,
      `is truncated or corrupt: shape (${shape.join(", ")}) of ${dtype} takes ` +
        `${count === undefined ? "too many" : count * size} bytes, and it holds ${reader.left}`,
    );
  }
  const values = reader.take(count * size, "the values");
  let data = asNumbers(descr[0] === ">" && size > 1 ? new Uint8Array(values) : values, dtype);
  if (descr[0] === ">" && size > 1) swapBytes(asBytes(data), size);
  if (fortran && shape.length > 1) data = fromFortranOrder(data, shape, dtype);
  return { dtype, shape, data };
}

export function encodeNpy({ dtype, shape, data }: NdArray): Uint8Array {
  const count = elementCount(shape);
  if (count !== data.length)
    throw new FileError("array", `has ${data.length} values, but its shape (${shape.join(", ")}) takes ${count}`);
  const order = bytesPerElement(dtype) === 1 ? "|" : "<";
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const text = `{'descr': '${order}${codes[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padding = 63 - ((10 + text.length) % 64);
  const header = asciiBytes(`\x93NUMPY\x01\x00..${text}${" ".repeat(padding)}\n`);
  new DataView(header.buffer).setUint16(8, header.length - 10, true);
  return concat([header, asBytes(data)]);
}

/** The header is a Python dictionary; only the one form that NumPy writes is understood, and nothing is evaluated. */
function parseHeader(header: string, name: string): { descr: string; fortran: boolean; shape: number[] } {
  const descr = /'descr':\s*'([^']{0,64})'/.exec(header)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d,\s]{0,400})\)/.exec(header)?.[1];
  if (descr === undefined && /'descr':\s*\[/.test(header))
    throw new FileError(
      name,
      "holds a structured array (records), which is not read",
      "Save each field as an array of its own.",
    );
  if (descr === undefined || fortran === undefined || shape === undefined)
    throw new FileError(name, `has a corrupt header: ${quoted(header.trim())}`);
  const sizes = shape
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  return { descr, fortran: fortran === "True", shape: sizes };
}

/** First index fastest → last index fastest. */
function fromFortranOrder(data: NumericArray, shape: readonly number[], dtype: DType): NumericArray {
  const result = emptyArray(dtype, data.length);
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** Several NumPy arrays in one file. */
export interface Npz {
  readonly names: readonly string[];
  /**
   * One array, read when it is asked for: an array that cannot be read (a pickled one) does not stand in the others'
   * way.
   */
  read(name: string): NdArray;
}

/** An .npz file (`numpy.savez`, compressed or not). @throws FileError */
export async function readNpz(file: FileSource): Promise<Npz> {
  return decodeNpz(await readBytes(file), nameOf(file));
}

/** @param name the file's, for messages */
export function decodeNpz(bytes: Uint8Array, name: string): Npz {
  const zip = openZip(bytes, name);
  const names = zip.names.filter((entry) => entry.endsWith(".npy")).map((entry) => entry.slice(0, -4));
  return {
    names,
    read: (array) => {
      if (!names.includes(array))
        throw new FileError(
          name,
          `holds no array ${JSON.stringify(array)}; it holds ${names.slice(0, 20).join(", ") || "none"}`,
        );
      return decodeNpy(zip.read(`${array}.npy`), `${name}[${array}]`);
    },
  };
}

/** @throws FileError where it cannot be written */
export async function writeNpz(file: string, arrays: Readonly<Record<string, NdArray>>): Promise<void> {
  const entries = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]));
  await writeAtomically(file, zipSync(entries, { level: 6 }));
}
