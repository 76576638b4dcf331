// Faster ops in the place of some, one after the other, in a recording.
import { attributeValue, dataTypes, type AttributeTypes, type OpAttribute } from "./graph-def";
import { type Constant, type RecordedOp, type Recording, type Source, Place } from "./recording";

type Attributes = RecordedOp["attributes"];

/** A recording while its ops are replaced one after the other, and what rules ask about it and add to it. */
class Rewriting {
  private readonly ops: RecordedOp[] = [];
  private readonly constants: Constant[];
  /** What has become of each op. */
  private readonly moved: number[] = [];
  private readonly made = new Map<string, Source>();

  constructor(
    private readonly recording: Recording,
    readonly types: AttributeTypes,
  ) {
    this.constants = [...recording.constants];
  }

  /** What stands for the next op of the recording. */
  replace(op: RecordedOp): void {
    this.moved.push(this.ops.push(op) - 1);
  }

  /** One more op. */
  add(op: RecordedOp): Source {
    return { kind: "op", index: this.ops.push(op) - 1, output: 0 };
  }

  /** What is made of a source once, whoever asks. */
  once(what: string, of: Source, make: () => Source): Source {
    const key = `${what} ${JSON.stringify(of)}`,
      known = this.made.get(key) ?? make();
    this.made.set(key, known);
    return known;
  }

  /**
   * An op on numbers with integers that say how: a shape, an order, paddings. @param index the name of the integers'
   * type
   */
  arranged(name: string, index: string, x: Source, integers: readonly Source[], place: Place): Source {
    return this.add({ name, attributes: this.typed(index), inputs: [x, ...integers], place });
  }

  /** @param shape Default: a vector */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Source {
    const bytes = Buffer.from(Int32Array.from(values).buffer);
    return {
      kind: "constant",
      index: this.constants.push({ dataType: dataTypes.int32, shape, bytes, place: new Place() }) - 1,
    };
  }

  /** A source of the recording as it is called now. */
  readonly now = (source: Source): Source =>
    source.kind === "op" ? { ...source, index: this.moved[source.index] } : source;

  /** The op of the recording that makes a source. */
  makerOf(source: Source): RecordedOp | undefined {
    return source.kind === "op" ? this.recording.ops[source.index] : undefined;
  }

  /** Of a source of the recording. */
  shapeOf(source: Source): readonly number[] | undefined {
    switch (source.kind) {
      case "input":
        return this.recording.inputs[source.index].shape;
      case "captured":
        return this.recording.captured[source.index].shape;
      case "constant":
        return this.recording.constants[source.index].shape;
      case "op":
        return source.output === 0 ? this.recording.ops[source.index].shape : undefined;
    }
  }

  /** Whether an op has an attribute of this value. @param orAbsent it is the default */
  is(op: RecordedOp, attribute: OpAttribute, orAbsent = false): boolean {
    const found = op.attributes.find(([name]) => name === attribute.name)?.[1];
    return found ? found.equals(attributeValue(attribute, this.types)) : orAbsent;
  }

  private encoded(...list: readonly OpAttribute[]): Attributes {
    return list.map((each) => [each.name, attributeValue(each, this.types)] as const);
  }

  finish(): Recording {
    return {
      ...this.recording,
      ops: this.ops,
      constants: this.constants,
      outputs: this.recording.outputs.map(this.now),
    };
  }

  /** Attributes of an op on numbers with integers. */
  typed(index: string): Attributes {
    const { TF_ATTR_TYPE: type } = this.types;
    return this.encoded({ name: "T", type, value: dataTypes.float32 }, { name: index, type, value: dataTypes.int32 });
  }
}

/** In this order; the first that knows something better for an op is taken. */
const rules = [asConvolution, asSubpixels, asProduct, asBias];

/** The same function in ops that TensorFlow runs faster; each rule says which. */
export function rewritten(recording: Recording, types: AttributeTypes): Recording {
  const work = new Rewriting(recording, types);
  for (const op of recording.ops) {
    const better = rules.reduce<ReturnType<(typeof rules)[number]>>(
      (found, rule) => found ?? rule(op, work),
      undefined,
    );
    work.replace(better ?? { ...op, inputs: op.inputs.map(work.now) });
  }
  return work.finish();
}

const renamed = new Map([
  ["adj_x", "transpose_a"],
  ["adj_y", "transpose_b"],
  ["T", "T"],
]);

/** TensorFlow.js multiplies two matrices as a batch of them, with which TensorFlow fuses no bias. */
function isProduct(op: RecordedOp, work: Rewriting): boolean {
  return (
    op.name === "BatchMatMulV2" &&
    op.inputs.every((input) => work.shapeOf(input)?.length === 2) &&
    op.attributes.every(([name]) => renamed.has(name))
  );
}

/** A product of two matrices, not a batch. */
function asProduct(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
  if (!isProduct(op, work)) return undefined;
  return {
    ...op,
    name: "MatMul",
    attributes: op.attributes.map(([name, value]) => [renamed.get(name)!, value] as const),
    inputs: op.inputs.map(work.now),
  };
}

/**
 * The input gradient of a convolution of stride 1 is a convolution of dy with the kernel turned by half a turn, in and
 * out exchanged; of a kernel that is a constant TensorFlow then turns it once, when it optimizes the graph.
 */
function asConvolution(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
  if (op.name !== "Conv2DBackpropInput" || !isPlain(op, work) || !work.is(op, steps("strides", 1, work.types)))
    return undefined;
  const [, kernel, dy] = op.inputs,
    [height, width] = work.shapeOf(kernel) ?? [];
  if (height === undefined) return undefined;
  const same = work.is(op, padding("SAME", work.types)),
    valid = work.is(op, padding("VALID", work.types));
  const symmetric = same ? height % 2 === 1 && width % 2 === 1 : valid && height === 1 && width === 1;
  if (!symmetric) return undefined;
  const turned = work.once("turned", kernel, () => {
    const from = work.now(kernel);
    const half =
      height === 1 && width === 1 ? from : work.arranged("ReverseV2", "Tidx", from, [work.integers([0, 1])], op.place);
    return work.arranged("Transpose", "Tperm", half, [work.integers([0, 1, 3, 2])], op.place);
  });
  return { ...op, name: "Conv2D", inputs: [work.now(dy), turned] };
}

/**
 * The sum of a convolution or of a product of matrices and a vector is a bias, which TensorFlow fuses with it and a
 * ReLU behind.
 */
function asBias(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
  const [sum, vector] = op.inputs;
  if ((op.name !== "Add" && op.name !== "AddV2") || work.shapeOf(vector)?.length !== 1) return undefined;
  const maker = work.makerOf(sum);
  if (!maker || !((maker.name === "Conv2D" && isPlain(maker, work)) || isProduct(maker, work))) return undefined;
  // A sum, unlike a bias, spreads a vector of one number.
  return maker.shape?.at(-1) === work.shapeOf(vector)![0]
    ? { ...op, name: "BiasAdd", inputs: op.inputs.map(work.now) }
    : undefined;
}

/**
 * TensorFlow computes a gradient of so few channels slowly, so that computing more products in another order is worth
 * it.
 */
const FEW = 4,
  STRIDES = [2, 3, 4, 8, 14, 16, 32];

/**
 * The gradient of a strided convolution with respect to an image: pixels whose places leave the same remainder see the
 * same taps of the kernel, so that it is a convolution of dy to stride² times as many channels, which are then put side
 * by side (Shi and others 2016, arXiv:1609.05158).
 */
function asSubpixels(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
  if (op.name !== "Conv2DBackpropInput" || !isPlain(op, work) || !work.is(op, padding("VALID", work.types)))
    return undefined;
  const [, kernel, dy] = op.inputs,
    size = work.shapeOf(kernel),
    from = work.shapeOf(dy),
    stride = STRIDES.find((by) => work.is(op, steps("strides", by, work.types)));
  if (!size || !from || !op.shape || stride === undefined || size[2] > FEW) return undefined;
  const [batch, height, width, channels] = op.shape,
    filters = size[3];
  /** Taps that a pixel sees. */
  const [down, right] = [size[0], size[1]].map((side) => Math.ceil(side / stride));
  const [rows, columns] = [height, width].map((side) => Math.ceil(side / stride));
  const ints = (...values: number[]): Source => work.integers(values);
  const reshaped = (x: Source, ...shape: number[]): Source =>
    work.arranged("Reshape", "Tshape", x, [ints(...shape)], op.place);
  const padded = (x: Source, pairs: readonly (readonly [number, number])[]): Source =>
    pairs.flat().every((zeros) => zeros === 0)
      ? x
      : work.arranged("Pad", "Tpaddings", x, [work.integers(pairs.flat(), [4, 2])], op.place);
  const apart = work.once(`apart ${stride}`, kernel, () => {
    const whole = padded(work.now(kernel), [
      [0, down * stride - size[0]],
      [0, right * stride - size[1]],
      [0, 0],
      [0, 0],
    ]);
    const split = work.arranged(
      "ReverseV2",
      "Tidx",
      reshaped(whole, down, stride, right, stride, channels, filters),
      [ints(0, 2)],
      op.place,
    );
    return reshaped(
      work.arranged("Transpose", "Tperm", split, [ints(0, 2, 5, 1, 3, 4)], op.place),
      down,
      right,
      filters,
      stride * stride * channels,
    );
  });
  const around = padded(work.now(dy), [
    [0, 0],
    [down - 1, rows - from[1]],
    [right - 1, columns - from[2]],
    [0, 0],
  ]);
  const one = steps("strides", 1, work.types);
  const attributes = op.attributes.map(
    ([name, value]) => [name, name === "strides" ? attributeValue(one, work.types) : value] as const,
  );
  const pixels = reshaped(
    work.add({ ...op, name: "Conv2D", attributes, inputs: [around, apart] }),
    batch,
    rows,
    columns,
    stride,
    stride * channels,
  );
  const inOrder = work.arranged("Transpose", "Tperm", pixels, [ints(0, 1, 3, 2, 4)], op.place);
  const last = (name: string, index: string, x: Source, integers: readonly Source[]): RecordedOp => ({
    name,
    attributes: work.typed(index),
    inputs: [x, ...integers],
    place: op.place,
  });
  const whole = [batch, rows * stride, columns * stride, channels];
  if (whole[1] === height && whole[2] === width) return last("Reshape", "Tshape", inOrder, [ints(...whole)]);
  return last("Slice", "Index", reshaped(inOrder, ...whole), [ints(0, 0, 0, 0), ints(...op.shape)]);
}

/** Strides or dilations, the same down and right. */
const steps = (name: "strides" | "dilations", by: number, { TF_ATTR_INT: type }: AttributeTypes): OpAttribute => ({
  name,
  type,
  value: [1, by, by, 1],
});
const padding = (value: "SAME" | "VALID", { TF_ATTR_STRING: type }: AttributeTypes): OpAttribute => ({
  name: "padding",
  type,
  value,
});

/** Whether a convolution, or a gradient of one, has channels last and no dilation. */
function isPlain(op: RecordedOp, work: Rewriting): boolean {
  return (
    work.is(op, { name: "data_format", type: work.types.TF_ATTR_STRING, value: "NHWC" }, true) &&
    work.is(op, steps("dilations", 1, work.types), true)
  );
}
