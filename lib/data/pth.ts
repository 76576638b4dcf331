import { ByteReader } from "./byte-reader";
import { FileError, quoted } from "../core/errors";
import type { NdArray } from "./nd-array";
import { unpickle } from "./pickle";
import { readBytes } from "./read-bytes";
import { materialize, storageReader, TorchTensor, torchRules, type Storage } from "./torch-tensors";
import { openZip } from "./zip";

export interface PthOptions {
  /**
   * Which dictionary inside the checkpoint. Default: the file itself where it holds tensors, else `state_dict` or
   * `model`.
   */
  key?: string;
}

/**
 * The tensors of a PyTorch checkpoint (`torch.save` of a state dict), in its zip and its legacy format. No code in it
 * is ever run: a pickle that asks for more than the rebuilding of tensors is refused by the name of what it asks for.
 * @throws FileError
 */
export async function readPth(file: string, options: PthOptions = {}): Promise<Map<string, NdArray>> {
  return decodePth(await readBytes(file), file, options);
}

/** @param name the file's, for messages */
export function decodePth(bytes: Uint8Array, name: string, options: PthOptions = {}): Map<string, NdArray> {
  const storages = new Map<string, Storage>();
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const { value, bytesOf } = isZip ? openZipFormat(bytes, name, storages) : openLegacyFormat(bytes, name, storages);
  const contents = storageReader(name, bytesOf);
  const tensors = new Map<string, NdArray>();
  let copied = 0;
  for (const [key, tensor] of tensorsIn(value, name, options.key)) {
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
  if (zip.names.includes(`${folder}byteorder`) && Buffer.from(zip.read(`${folder}byteorder`)).toString() !== "little")
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
