// NumPy arrays inside a pickle.
import { FileError } from "../core/errors";
import { quoted } from "../core/text";
import { asNumbers, elementCount, type DType, type NdArray } from "./nd-array";
import { PickleFunction, unpickle, type PickleRules } from "./pickle";
import { ByteReader } from "./byte-reader";

const dtypes: Readonly<Record<string, DType>> = { f4: "float32", f8: "float64", i4: "int32", i8: "int64", u1: "uint8" };

/** An array on the pickle's stack, filled by its BUILD instruction. */
class PickledArray {
  array?: NdArray;
}

/** A dtype; its byte order comes with BUILD. */
class PickledType {
  constructor(readonly code: string) {}
}

/** `numpy.ndarray`, which is mentioned and never called. */
class ArrayClass {}

/**
 * A pickle of a dictionary of NumPy arrays, or of lists of them: Caffe's way, layer → [kernel, bias], which becomes
 * `layer.weight` and `layer.bias`. No code in it is ever run: whatever else it asks for is refused by name.
 * @param name the file's, for messages
 * @throws FileError
 */
export function decodeNumpyPickle(bytes: Uint8Array, name: string): Map<string, NdArray> {
  const value = unpickle(new ByteReader(bytes, name), rules(name));
  if (!(value instanceof Map)) throw new FileError(name, "is a pickle, but not of a dictionary of NumPy arrays");
  const arrays = new Map<string, NdArray>();
  for (const [key, entry] of value as Map<unknown, unknown>) {
    const parts = Array.isArray(entry) ? (entry as unknown[]) : [entry];
    if (
      typeof key !== "string" ||
      parts.length > 2 ||
      !parts.every((part) => part instanceof PickledArray && part.array)
    ) {
      throw new FileError(name, `holds ${quoted(String(key))}, which is no NumPy array and no pair of them`);
    }
    parts.forEach((part, i) =>
      arrays.set(Array.isArray(entry) ? `${key}.${["weight", "bias"][i]}` : key, (part as PickledArray).array!),
    );
  }
  return arrays;
}

function rules(file: string): PickleRules {
  const corrupt = (problem: string): never => {
    throw new FileError(file, `holds a corrupt NumPy array: ${problem}`);
  };
  const known: Record<string, object> = {
    "numpy.ndarray": new ArrayClass(),
    "numpy.dtype": new PickleFunction(([code]) =>
      typeof code === "string" && code in dtypes ? new PickledType(code) : corrupt("its type is not read"),
    ),
    "numpy.core.multiarray._reconstruct": new PickleFunction(([type]) =>
      type instanceof ArrayClass ? new PickledArray() : corrupt("it is of another class"),
    ),
  };
  known["numpy._core.multiarray._reconstruct"] = known["numpy.core.multiarray._reconstruct"];
  return {
    global: (name) => (Object.hasOwn(known, name) ? known[name] : undefined),
    persistent: () => corrupt("it has a persistent id"),
    build: (target, state) => {
      if (!Array.isArray(state)) return corrupt("its state is no tuple");
      if (target instanceof PickledType)
        return state[1] === "<" || state[1] === "|" ? undefined : corrupt("its byte order is not little-endian");
      if (!(target instanceof PickledArray)) return corrupt("it sets the state of something else");
      const [, shape, type, columnMajor, bytes] = state as unknown[];
      const sizes = Array.isArray(shape) ? (shape as number[]) : corrupt("it has no shape");
      const count = elementCount(sizes);
      if (!(type instanceof PickledType) || !(bytes instanceof Uint8Array) || columnMajor !== false)
        return corrupt("it is not stored row by row");
      const dtype = dtypes[type.code],
        data = asNumbers(bytes, dtype);
      if (count !== data.length || data.byteLength !== bytes.byteLength)
        return corrupt(`shape [${sizes.slice(0, 8).join(", ")}] does not fit ${bytes.byteLength} bytes`);
      target.array = { dtype, shape: sizes, data };
    },
  };
}
