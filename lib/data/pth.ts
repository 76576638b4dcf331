// PyTorch's weights (.pth).
import { FileError } from "../core/errors";
import { checkOptions, text, type Schema } from "../core/options";
import { quoted } from "../core/text";
import {
  type NdArray,
  widenBfloat16,
  widenFloat16,
  asNumbers,
  bytesPerElement,
  elementCount,
  emptyArray,
  type DType,
} from "./nd-array";
import { unpickle, PickleFunction, type PickleRules } from "./pickle";
import { ByteReader, latin1 } from "./byte-reader";
import { nameOf, type FileSource } from "./file-source";
import { readBytes } from "./read-bytes";
import { openZip } from "./zip";

export interface PthOptions {
  /**
   * Which dictionary inside the checkpoint. Default: the file itself where it holds tensors, else `state_dict` or
   * `model`.
   */
  key?: string;
}

export const pthOptions = {
  key: text({
    words: "a text",
    rule: "the file itself where it holds tensors, else state_dict or model",
    help: "which dictionary inside the checkpoint",
  }),
} satisfies Schema<PthOptions>;

/**
 * The tensors of a PyTorch checkpoint (`torch.save` of a state dict), in its zip and its legacy format. No code in it
 * is ever run: a pickle that asks for more than the rebuilding of tensors is refused by the name of what it asks for.
 * @throws FileError
 */
export async function readPth(file: FileSource, options: PthOptions = {}): Promise<Map<string, NdArray>> {
  return decodePth(await readBytes(file), nameOf(file), options);
}

/** @param name the file's, for messages */
export function decodePth(bytes: Uint8Array, name: string, options: PthOptions = {}): Map<string, NdArray> {
  const { key: wanted } = checkOptions(pthOptions, options);
  const storages = new Map<string, Storage>();
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const { value, bytesOf } = isZip ? openZipFormat(bytes, name, storages) : openLegacyFormat(bytes, name, storages);
  const contents = storageReader(name, bytesOf);
  const tensors = new Map<string, NdArray>();
  let copied = 0;
  for (const [key, tensor] of tensorsIn(value, name, wanted)) {
    const array = materialize(tensor, contents);
    if (array.data.buffer !== contents(tensor.storage).buffer) copied += array.data.byteLength;
    // Transposed views of one storage could multiply it without end.
    if (copied > 4 * bytes.length + 1e6)
      throw new FileError(name, "is refused: its tensors are views that would take several times the file's size");
    tensors.set(key, array);
  }
  return tensors;
}

type Opened = { value: unknown; bytesOf: (storage: Storage) => Uint8Array };

function openZipFormat(bytes: Uint8Array, name: string, storages: Map<string, Storage>): Opened {
  const zip = openZip(bytes, name);
  const pickle = zip.names.find((entry) => /^[^/]+\/data\.pkl$/.test(entry));
  if (!pickle)
    throw new FileError(
      name,
      "is a zip archive, but no PyTorch checkpoint: it holds no data.pkl",
      zip.names.some((entry) => entry.endsWith(".npy")) ? "It looks like an .npz file." : undefined,
    );
  const folder = pickle.slice(0, -"data.pkl".length);
  if (zip.names.includes(`${folder}byteorder`) && latin1(zip.read(`${folder}byteorder`)) !== "little")
    throw new FileError(name, "was saved big-endian, which is not read");
  const value = unpickle(new ByteReader(zip.read(pickle), name), torchRules(name, storages));
  return { value, bytesOf: (storage) => zip.read(`${folder}data/${storage.key}`) };
}

/** The first number in a legacy file. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;

function openLegacyFormat(bytes: Uint8Array, name: string, storages: Map<string, Storage>): Opened {
  const nothing = { global: () => undefined, persistent: () => null };
  if (bytes[0] !== 0x80)
    throw new FileError(name, "is no PyTorch checkpoint: it is neither a zip archive nor a pickle");
  const reader = new ByteReader(bytes, name);
  if (unpickle(reader, nothing) !== legacyMagic)
    throw new FileError(name, "is a pickle, but no PyTorch checkpoint: the magic number is missing");
  const protocol = unpickle(reader, nothing);
  if (protocol !== 1001)
    throw new FileError(name, `is a PyTorch checkpoint of protocol ${quoted(String(protocol))}; 1001 is read`);
  const system = unpickle(reader, nothing);
  if (!(system instanceof Map) || system.get("little_endian") !== true)
    throw new FileError(name, "was saved big-endian, which is not read");
  const value = unpickle(reader, torchRules(name, storages));
  const keys = unpickle(reader, nothing);
  if (!Array.isArray(keys)) throw new FileError(name, "is corrupt: it does not list its storages");
  const pieces = new Map<string, Uint8Array>();
  for (const key of keys as unknown[]) {
    const storage = storages.get(String(key));
    if (!storage)
      throw new FileError(name, `is corrupt: it lists storage ${quoted(String(key))}, which no tensor uses`);
    const count = reader.u64("a storage's size");
    if (count !== storage.count)
      throw new FileError(
        name,
        `is corrupt: storage ${quoted(storage.key)} has ${count} values instead of ${storage.count}`,
      );
    pieces.set(storage.key, reader.take(count * storage.type.size, `storage ${quoted(storage.key)}`));
  }
  return {
    value,
    bytesOf: (storage) =>
      pieces.get(storage.key) ??
      (() => {
        throw new FileError(name, `is corrupt: storage ${quoted(storage.key)} is missing`);
      })(),
  };
}

function tensorsIn(value: unknown, name: string, key?: string): [string, TorchTensor][] {
  const inside = (from: unknown): [string, TorchTensor][] =>
    from instanceof Map
      ? [...(from as Map<unknown, unknown>)].filter(
          (pair): pair is [string, TorchTensor] => typeof pair[0] === "string" && pair[1] instanceof TorchTensor,
        )
      : [];
  const at = (name: string): unknown => (value instanceof Map ? value.get(name) : undefined);
  const found =
    key === undefined
      ? [value, at("state_dict"), at("model")].map(inside).find((tensors) => tensors.length > 0)
      : inside(at(key));
  if (found && found.length > 0) return found;
  const keys =
    value instanceof Map
      ? [...value.keys()]
          .slice(0, 12)
          .map((item) => quoted(String(item)))
          .join(", ")
      : typeof value;
  throw new FileError(
    name,
    `holds no tensors${key === undefined ? "" : ` under ${quoted(key)}`}; it holds ${keys || "nothing"}`,
  );
}

interface StorageType {
  dtype: DType;
  size: number;
  widen?: (bytes: Uint8Array) => Float32Array;
}

const plain = (dtype: DType): StorageType => ({ dtype, size: bytesPerElement(dtype) });
const storageTypes: Record<string, StorageType> = {
  FloatStorage: plain("float32"),
  DoubleStorage: plain("float64"),
  LongStorage: plain("int64"),
  IntStorage: plain("int32"),
  ShortStorage: plain("int16"),
  CharStorage: plain("int8"),
  ByteStorage: plain("uint8"),
  BoolStorage: plain("bool"),
  HalfStorage: { dtype: "float32", size: 2, widen: widenFloat16 },
  BFloat16Storage: { dtype: "float32", size: 2, widen: widenBfloat16 },
};

/** A piece of memory that tensors are views of; its bytes are found after the pickle was read. */
interface Storage {
  readonly kind: "storage";
  readonly key: string;
  readonly type: StorageType;
  readonly count: number;
}

/** A tensor as the pickle describes it. */
class TorchTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** A storage type on the pickle's stack: a name that a persistent id mentions, and that cannot be called. */
class StorageName {
  constructor(readonly type: StorageType) {}
}

/** What a PyTorch file may ask for: storages and tensors made of them. `storages` collects what it mentions. */
function torchRules(file: string, storages: Map<string, Storage>): PickleRules {
  const corrupt = (problem: string): never => {
    throw new FileError(file, `holds a corrupt tensor: ${problem}`);
  };
  const naturals = (value: unknown, what: string): number[] =>
    Array.isArray(value) && value.length <= 32 && value.every((item) => Number.isSafeInteger(item) && item >= 0)
      ? (value as number[])
      : corrupt(`its ${what} is not a list of sizes`);
  const natural = (value: unknown, what: string): number => naturals([value], what)[0];
  const tensor = ([storage, offset, shape, strides]: readonly unknown[]): TorchTensor => {
    if (!isStorage(storage)) return corrupt("it has no storage");
    const made = new TorchTensor(
      storage,
      natural(offset, "offset"),
      naturals(shape, "shape"),
      naturals(strides, "strides"),
    );
    if (made.shape.length !== made.strides.length) corrupt("it has not as many strides as dimensions");
    const count = elementCount(made.shape);
    const last =
      made.offset + made.shape.reduce((sum, size, axis) => sum + Math.max(0, size - 1) * made.strides[axis], 0);
    // An expanded view could be made as large as one likes.
    if (count === undefined || count > storage.count || (count > 0 && last >= storage.count))
      corrupt(`shape [${made.shape.slice(0, 8).join(", ")}] does not fit in a storage of ${storage.count}`);
    return made;
  };
  const isTensor = (value: unknown): unknown =>
    value instanceof TorchTensor ? value : corrupt("a parameter holds no tensor");
  const callables: Record<string, (args: readonly unknown[]) => unknown> = {
    "torch._utils._rebuild_tensor_v2": tensor,
    "torch._utils._rebuild_tensor": tensor,
    "torch._utils._rebuild_parameter": ([value]) => isTensor(value),
    "collections.OrderedDict": (args) =>
      args.length === 0
        ? new Map()
        : (pairs(args[0]) ?? corrupt("an OrderedDict is made of something else than pairs")),
    "torch.Size": ([sizes]) => naturals(sizes, "size"),
  };
  return {
    global: (name) => {
      if (Object.hasOwn(callables, name)) return new PickleFunction(callables[name]);
      const type = /^torch\.(?:cuda\.)?(\w+Storage)$/.exec(name)?.[1];
      return type && Object.hasOwn(storageTypes, type) ? new StorageName(storageTypes[type]) : undefined;
    },
    persistent: (id) => {
      const [kind, type, key, , count, view] = Array.isArray(id) ? (id as unknown[]) : [];
      if (kind !== "storage" || !(type instanceof StorageName) || (typeof key !== "string" && typeof key !== "number"))
        return corrupt("its storage is described in an unknown way");
      if (view !== undefined && view !== null)
        return corrupt("its storage is a view of another one, which is not read");
      const storage: Storage = {
        kind: "storage",
        key: String(key),
        type: type.type,
        count: natural(count, "storage's size"),
      };
      const known = storages.get(storage.key);
      if (known && (known.count !== storage.count || known.type !== storage.type))
        return corrupt(`storage ${quoted(storage.key)} is described in two ways`);
      storages.set(storage.key, known ?? storage);
      return known ?? storage;
    },
  };
}

const isStorage = (value: unknown): value is Storage => (value as Storage | null)?.kind === "storage";

function pairs(value: unknown): Map<unknown, unknown> | undefined {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2)
    ? new Map(value as [unknown, unknown][])
    : undefined;
}

/** Numbers of each storage, made once. */
type StorageContents = (storage: Storage) => NdArray["data"];

/** @param bytesOf the storage's own bytes, exactly `count` elements */
function storageReader(file: string, bytesOf: (storage: Storage) => Uint8Array): StorageContents {
  const read = new Map<string, NdArray["data"]>();
  return (storage) => {
    const known = read.get(storage.key);
    if (known) return known;
    const bytes = bytesOf(storage);
    if (bytes.length !== storage.count * storage.type.size)
      throw new FileError(
        file,
        `is truncated or corrupt: storage ${quoted(storage.key)} has ${bytes.length} bytes instead of ` +
          `${storage.count * storage.type.size}`,
      );
    const values = storage.type.widen ? storage.type.widen(bytes) : asNumbers(bytes, storage.type.dtype);
    read.set(storage.key, values);
    return values;
  };
}

/** Row-major values: a view of the storage where it lies so already. */
function materialize(tensor: TorchTensor, contents: StorageContents): NdArray {
  const { storage, offset, shape, strides } = tensor;
  const values = contents(storage),
    count = elementCount(shape) as number,
    { dtype } = storage.type;
  if (isRowMajor(shape, strides)) return { dtype, shape, data: values.subarray(offset, offset + count) };
  const data = emptyArray(dtype, count),
    index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    data[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { dtype, shape, data };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= Math.max(1, shape[axis]);
  }
  return true;
}
