// A recording in TensorFlow's own formats: attributes, GraphDef, SavedModel.
import type { Recording, Source } from "./recording";

/** The version of the format: TensorFlow 2.9's, which all later ones read. */
const PRODUCER = 1087;

interface Graph {
  /** GraphDef. */
  readonly pieces: Pieces;
  readonly nodes: number;
  /** `name:output` of each of the function's outputs. */
  readonly outputs: readonly string[];
}

export const inputName = (index: number): string => `input_${index}`;
export const capturedName = (index: number): string => `captured_${index}`;

/**
 * @param recording pruned
 * @param values of the captured tensors that are written into the graph; undefined: one that is fed
 */
export function graphDef(recording: Recording, values: readonly (Uint8Array | undefined)[] = []): Graph {
  const pieces: Uint8Array[] = [];
  let nodes = 0;
  const node = (name: string, op: string, inputs: readonly string[], attributes: Pieces): void => {
    const parts = inPieces(1, [text(1, name), text(2, op), ...inputs.map((input) => text(3, input)), ...attributes]);
    pieces.push(...(op === "Const" ? parts : [Buffer.concat(parts)]));
    nodes++;
  };
  const placeholder = (name: string, dataType: number, shape: readonly number[]): void =>
    node(
      name,
      "Placeholder",
      [],
      [attributeEntry("dtype", typeValue(dataType)), attributeEntry("shape", shapeValue(shape))],
    );
  const constant = (name: string, dataType: number, shape: readonly number[], bytes: Uint8Array): void =>
    node(
      name,
      "Const",
      [],
      [attributeEntry("dtype", typeValue(dataType)), ...tensorEntry("value", dataType, shape, bytes)],
    );

  recording.inputs.forEach(({ dtype, shape }, i) => placeholder(inputName(i), dataTypes[dtype], shape));
  recording.captured.forEach(({ dtype, shape }, i) => {
    const known = values[i];
    if (known) constant(capturedName(i), dataTypes[dtype], shape, known);
    else placeholder(capturedName(i), dataTypes[dtype], shape);
  });
  recording.constants.forEach(({ dataType, shape, bytes }, i) => constant(`constant_${i}`, dataType, shape, bytes));
  recording.ops.forEach(({ name, inputs, attributes }, i) => {
    node(
      opName(i),
      name,
      inputs.map(reference),
      attributes.map(([attribute, value]) => attributeEntry(attribute, value)),
    );
  });
  const outputs = recording.outputs.map((source, i) => {
    if (source.kind === "op") return `${opName(source.index)}:${source.output}`;
    // A session refuses to return what it is fed with.
    node(`output_${i}`, "Identity", [reference(source)], [attributeEntry("T", typeValue(typeOf(recording, source)))]);
    return `output_${i}:0`;
  });
  return { pieces: [...pieces, message(4, integer(1, PRODUCER))], nodes, outputs };
}

const opName = (index: number): string => `op_${index}`;

function reference(source: Source): string {
  switch (source.kind) {
    case "input":
      return inputName(source.index);
    case "captured":
      return capturedName(source.index);
    case "constant":
      return `constant_${source.index}`;
    case "op":
      return source.output === 0 ? opName(source.index) : `${opName(source.index)}:${source.output}`;
  }
}

function typeOf({ inputs, captured, constants }: Recording, { kind, index }: Source): number {
  if (kind === "constant") return constants[index].dataType;
  return dataTypes[(kind === "input" ? inputs : captured)[index].dtype];
}

/** An input or output of the signature `serving_default`. */
interface SignatureTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

interface Signature {
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/**
 * SavedModel, the contents of `saved_model.pb`. @param signature none: for the session alone, which asks by the nodes'
 * names
 */
export function savedModel(graph: Graph, signature?: Signature): Pieces {
  const parts = [message(1, text(4, "serve")), ...inPieces(2, graph.pieces)];
  if (signature) parts.push(message(5, text(1, "serving_default"), message(2, signatureDef(graph, signature))));
  return [integer(1, 1), ...inPieces(2, parts)];
}

function signatureDef(graph: Graph, { inputs, outputs }: Signature): Buffer {
  const entry = (field: number, { name, dtype, shape }: SignatureTensor, node: string): Buffer =>
    message(
      field,
      text(1, name),
      message(2, text(1, node), integer(2, dataTypes[dtype]), message(3, shapeProto(shape))),
    );
  return Buffer.concat([
    ...inputs.map((input, i) => entry(1, input, `${inputName(i)}:0`)),
    ...outputs.map((output, i) => entry(2, output, graph.outputs[i])),
    text(3, "tensorflow/serving/predict"),
  ]);
}

/** An attribute as TF.js's native backend hands it to an op. */
export interface OpAttribute {
  readonly name: string;
  /** One of the binding's TF_ATTR_… */
  readonly type: number;
  readonly value: unknown;
}

/** The binding's numbers for attribute types. */
export interface AttributeTypes {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** TensorFlow's DataType, by TF.js's name. */
export const dataTypes: Readonly<Record<string, number>> = { float32: 1, int32: 3, complex64: 8, bool: 10 };
export const INT64 = 9;

/** TensorShapeProto. */
const shapeProto = (shape: readonly number[]): Buffer =>
  Buffer.concat(shape.map((size) => message(2, integer(1, size))));

/** TensorProto. @param bytes little-endian, row-major */
const tensorProto = (dataType: number, shape: readonly number[], bytes: Uint8Array): Pieces => [
  integer(1, dataType),
  message(2, shapeProto(shape)),
  ...inPieces(4, [bytes]),
];

/** One entry of NodeDef.attr. */
const attributeEntry = (name: string, value: Uint8Array): Buffer => message(5, text(1, name), message(2, value));

/** The same for a tensor. */
const tensorEntry = (name: string, dataType: number, shape: readonly number[], bytes: Uint8Array): Pieces =>
  inPieces(5, [text(1, name), ...inPieces(2, inPieces(8, tensorProto(dataType, shape, bytes)))]);

/** AttrValue fields. */
const typeValue = (dataType: number): Buffer => integer(6, dataType);
const shapeValue = (shape: readonly number[]): Buffer => message(7, shapeProto(shape));

/** AttrValue. @throws Error for a type that TF.js is not known to use */
export function attributeValue({ name, type, value }: OpAttribute, types: AttributeTypes): Buffer {
  if (type === types.TF_ATTR_SHAPE) return shapeValue(value as number[]);
  const one = (item: unknown): Buffer => {
    switch (type) {
      case types.TF_ATTR_STRING:
        return text(2, String(item));
      case types.TF_ATTR_INT:
        return integer(3, item as number);
      case types.TF_ATTR_FLOAT:
        return float(4, item as number);
      case types.TF_ATTR_BOOL:
        return integer(5, item ? 1 : 0);
      case types.TF_ATTR_TYPE:
        return typeValue(item as number);
      default:
        throw new Error(`the attribute ${name} has a type that is not known (${type})`);
    }
  };
  return Array.isArray(value) ? message(1, ...value.map(one)) : one(value);
}

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
const inPieces = (field: number, parts: Pieces): Pieces => [
  Buffer.concat([key(field, 2), varint(lengthOf(parts))]),
  ...parts,
];

/** A message, or bytes. */
const message = (field: number, ...parts: Uint8Array[]): Buffer => Buffer.concat(inPieces(field, parts));

const text = (field: number, value: string): Buffer => message(field, Buffer.from(value));

/** int32, int64, bool, enum. */
const integer = (field: number, value: number | bigint): Buffer => Buffer.concat([key(field, 0), varint(value)]);

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}
