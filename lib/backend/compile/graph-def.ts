import { attributeEntry, dataTypes, shapeValue, tensorEntry, typeValue } from "./attributes";
import { inPieces, integer, message, text, type Pieces } from "./protobuf";
import type { Recording, Source } from "./recording";

/** The version of the format: TensorFlow 2.9's, which all later ones read. */
const PRODUCER = 1087;

export interface Graph {
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
