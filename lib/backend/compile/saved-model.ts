import { dataTypes, shapeProto } from "./attributes";
import type { Graph } from "./graph-def";
import { inputName } from "./graph-def";
import { inPieces, integer, message, text, type Pieces } from "./protobuf";

/** An input or output of the signature `serving_default`. */
export interface SignatureTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface Signature {
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
