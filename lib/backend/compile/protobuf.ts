/**
 * The wire format of protocol buffers, as far as a GraphDef needs it: https://protobuf.dev/programming-guides/encoding
 */

function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const key = (field: number, wireType: number): Buffer => varint((field << 3) | wireType);

/** What lies one after the other in the file. */
export type Pieces = readonly Uint8Array[];

export const lengthOf = (pieces: Pieces): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

/**
 * A message, or bytes, whose parts are not copied: a model's weights are tens of megabytes, and inside six messages.
 */
export const inPieces = (field: number, parts: Pieces): Pieces => [
  Buffer.concat([key(field, 2), varint(lengthOf(parts))]),
  ...parts,
];

/** A message, or bytes. */
export const message = (field: number, ...parts: Uint8Array[]): Buffer => Buffer.concat(inPieces(field, parts));

export const text = (field: number, value: string): Buffer => message(field, Buffer.from(value));

/** int32, int64, bool, enum. */
export const integer = (field: number, value: number | bigint): Buffer => Buffer.concat([key(field, 0), varint(value)]);

export function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}
