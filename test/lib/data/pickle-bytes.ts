import { zipSync } from "fflate";

/**
 * Writes pickles instruction by instruction, as Python's pickle module (protocol 2) would, and as an attacker might.
 */
export const op = {
  start: Buffer.from([0x80, 2]),
  stop: Buffer.from("."),
  mark: Buffer.from("("),
  tuple: Buffer.from("t"),
  reduce: Buffer.from("R"),
  none: Buffer.from("N"),
  emptyDict: Buffer.from("}"),
  emptyTuple: Buffer.from(")"),
  emptyList: Buffer.from("]"),
  setItem: Buffer.from("s"),
  appends: Buffer.from("e"),
  persistent: Buffer.from("Q"),
  no: Buffer.from([0x89]),
  yes: Buffer.from([0x88]),
  build: Buffer.from("b"),
  stackGlobal: Buffer.from([0x93]),
  text: (value: string): Buffer => Buffer.concat([Buffer.from("X"), u32(Buffer.byteLength(value)), Buffer.from(value)]),
  integer: (value: number): Buffer => {
    const bytes = Buffer.alloc(5);
    bytes.write("J");
    bytes.writeInt32LE(value, 1);
    return bytes;
  },
  global: (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`),
  long: (hex: string): Buffer => Buffer.concat([Buffer.from([0x8a, hex.length / 2]), Buffer.from(hex, "hex")]),
};

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
export const pickle = (...parts: Buffer[]): Buffer => Buffer.concat([op.start, ...parts, op.stop]);
export const tupleOf = (...parts: Buffer[]): Buffer => Buffer.concat([op.mark, ...parts, op.tuple]);

export interface TensorBytes {
  key?: string;
  count: number;
  shape: number[];
  strides: number[];
  offset?: number;
  type?: string;
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict())` */
export function tensorBytes(
  { key = "0", count, shape, strides, offset = 0, type = "FloatStorage" }: TensorBytes,
  legacy = false,
): Buffer {
  const storage = Buffer.concat([
    tupleOf(
      op.text("storage"),
      op.global("torch", type),
      op.text(key),
      op.text("cpu"),
      op.integer(count),
      ...(legacy ? [op.none] : []),
    ),
    op.persistent,
  ]);
  return Buffer.concat([
    op.global("torch._utils", "_rebuild_tensor_v2"),
    tupleOf(
      storage,
      op.integer(offset),
      tupleOf(...shape.map(op.integer)),
      tupleOf(...strides.map(op.integer)),
      op.no,
      op.global("collections", "OrderedDict"),
      op.emptyTuple,
      op.reduce,
    ),
    op.reduce,
  ]);
}

/** {name: value, …} */
export const dictionaryOf = (items: Record<string, Buffer>): Buffer =>
  Buffer.concat([
    op.emptyDict,
    ...Object.entries(items).flatMap(([name, value]) => [op.text(name), value, op.setItem]),
  ]);

export const zipCheckpoint = (value: Buffer, storages: Record<string, Uint8Array> = {}): Uint8Array =>
  zipSync(
    {
      "archive/data.pkl": pickle(value),
      "archive/version": Buffer.from("3\n"),
      ...Object.fromEntries(Object.entries(storages).map(([key, bytes]) => [`archive/data/${key}`, bytes])),
    },
    { level: 0 },
  );

export function legacyCheckpoint(value: Buffer, storages: Record<string, Uint8Array>, itemSize: number): Uint8Array {
  const pieces = Object.values(storages).flatMap((bytes) => {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(bytes.length / itemSize));
    return [count, Buffer.from(bytes)];
  });
  const keys = Buffer.concat([op.emptyList, op.mark, ...Object.keys(storages).map(op.text), op.appends]);
  return Buffer.concat([
    pickle(op.long("6cfc9c46f9206aa85019")),
    pickle(op.integer(1001)),
    pickle(dictionaryOf({ protocol_version: op.integer(1001), little_endian: op.yes })),
    pickle(value),
    pickle(keys),
    ...pieces,
  ]);
}
