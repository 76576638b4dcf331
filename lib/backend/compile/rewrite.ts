import { attributeValue, dataTypes, type AttributeTypes, type OpAttribute } from "./attributes";
import type { Constant, RecordedOp, Recording, Source } from "./recording";
import { Place } from "./refusal";

const INT32 = dataTypes.int32, ROWS_AND_COLUMNS = [0, 1], IN_AND_OUT = [0, 1, 3, 2];

/**
 * The same function in ops that TensorFlow runs faster:
 * - the input gradient of a convolution of stride 1 is a convolution of dy with the kernel turned by half a turn, in and out exchanged; of a
 *   kernel that is a constant TensorFlow then turns it once, when it optimizes the graph;
 * - the sum of a convolution and a vector is a bias, which TensorFlow fuses with the convolution and a ReLU behind.
 */
export function rewritten(recording: Recording, types: AttributeTypes): Recording {
  const ops: RecordedOp[] = [], constants: Constant[] = [...recording.constants];
  /** What has become of each op. */
  const moved: number[] = [];
  const now = (source: Source): Source => (source.kind === "op" ? { ...source, index: moved[source.index] } : source);
  const add = (op: RecordedOp): Source => ({ kind: "op", index: ops.push(op) - 1, output: 0 });
  const integers = (values: readonly number[]): Source => {
    const bytes = Buffer.from(Int32Array.from(values).buffer);
    return { kind: "constant", index: constants.push({ dataType: INT32, shape: [values.length], bytes, place: new Place() }) - 1 };
  };
  const attributes = (...list: OpAttribute[]): RecordedOp["attributes"] => list.map((each) => [each.name, attributeValue(each, types)] as const);
  const typed = (name: string, index: string): RecordedOp["attributes"] => attributes({ name, type: types.TF_ATTR_TYPE, value: dataTypes.float32 }, { name: index, type: types.TF_ATTR_TYPE, value: INT32 });
  const turned = new Map<string, Source>();
  /** The kernel for the gradient: [height, width, in, out] turned, as [height, width, out, in]. */
  const turn = (kernel: Source, [height, width]: readonly number[], place: Place): Source => {
    const key = JSON.stringify(kernel), known = turned.get(key);
    if (known) return known;
    const half = height === 1 && width === 1 ? kernel : add({ name: "ReverseV2", attributes: typed("T", "Tidx"), inputs: [kernel, integers(ROWS_AND_COLUMNS)], place });
    const made = add({ name: "Transpose", attributes: typed("T", "Tperm"), inputs: [half, integers(IN_AND_OUT)], place });
    turned.set(key, made);
    return made;
  };
  const shapeOf = (source: Source): readonly number[] | undefined => {
    switch (source.kind) {
      case "input": return recording.inputs[source.index].shape;
      case "captured": return recording.captured[source.index].shape;
      case "constant": return recording.constants[source.index].shape;
      case "op": return undefined;
    }
  };
  const is = (op: RecordedOp, attribute: OpAttribute, orAbsent = false): boolean => {
    const found = op.attributes.find(([name]) => name === attribute.name)?.[1];
    return found ? found.equals(attributeValue(attribute, types)) : orAbsent;
  };
  const ones = (name: string): OpAttribute => ({ name, type: types.TF_ATTR_INT, value: [1, 1, 1, 1] });
  const padding = (value: string): OpAttribute => ({ name: "padding", type: types.TF_ATTR_STRING, value });
  const channelsLast: OpAttribute = { name: "data_format", type: types.TF_ATTR_STRING, value: "NHWC" };
  const asConvolution = (op: RecordedOp): RecordedOp | undefined => {
    if (op.name !== "Conv2DBackpropInput") return undefined;
    const [, kernel, dy] = op.inputs, [height, width] = shapeOf(kernel) ?? [];
    const symmetric = height !== undefined && (is(op, padding("SAME")) ? height % 2 === 1 && width % 2 === 1 : is(op, padding("VALID")) && height === 1 && width === 1);
    if (!symmetric || !is(op, ones("strides")) || !is(op, ones("dilations"), true) || !is(op, channelsLast, true)) return undefined;
    return { ...op, name: "Conv2D", inputs: [now(dy), turn(now(kernel), [height, width], op.place)] };
  };
  const asBias = (op: RecordedOp): RecordedOp | undefined => {
    const [sum, vector] = op.inputs;
    if ((op.name !== "Add" && op.name !== "AddV2") || sum.kind !== "op" || shapeOf(vector)?.length !== 1) return undefined;
    const maker = recording.ops[sum.index];
    // A sum, unlike a bias, spreads a vector of one number.
    const fits = maker.name === "Conv2D" && is(maker, channelsLast, true) && shapeOf(maker.inputs[1])?.at(-1) === shapeOf(vector)![0];
    return fits ? { ...op, name: "BiasAdd", inputs: op.inputs.map(now) } : undefined;
  };
  recording.ops.forEach((op, index) => {
    const better = asConvolution(op) ?? asBias(op) ?? { ...op, inputs: op.inputs.map(now) };
    moved[index] = ops.push(better) - 1;
  });
  return { ...recording, ops, constants, outputs: recording.outputs.map(now) };
}
