import { float, inPieces, integer, message, text, type Pieces } from "./protobuf";

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
export const shapeProto = (shape: readonly number[]): Buffer =>
  Buffer.concat(shape.map((size) => message(2, integer(1, size))));

/** TensorProto. @param bytes little-endian, row-major */
const tensorProto = (dataType: number, shape: readonly number[], bytes: Uint8Array): Pieces => [
  integer(1, dataType),
  message(2, shapeProto(shape)),
  ...inPieces(4, [bytes]),
];

/** One entry of NodeDef.attr. */
export const attributeEntry = (name: string, value: Uint8Array): Buffer => message(5, text(1, name), message(2, value));

/** The same for a tensor. */
export const tensorEntry = (name: string, dataType: number, shape: readonly number[], bytes: Uint8Array): Pieces =>
  inPieces(5, [text(1, name), ...inPieces(2, inPieces(8, tensorProto(dataType, shape, bytes)))]);

/** AttrValue fields. */
export const typeValue = (dataType: number): Buffer => integer(6, dataType);
export const shapeValue = (shape: readonly number[]): Buffer => message(7, shapeProto(shape));

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
