// The shape of what an op would give, without computing it.
import * as tf from "@tensorflow/tfjs";
import { dataTypes } from "./graph-def";

/** What is known of a tensor without its values. */
export interface Abstract {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** An op as a rule for its outputs sees it. */
export interface AbstractOp {
  readonly name: string;
  readonly inputs: readonly Abstract[];
  /** An attribute as TF.js gives it. */
  attribute(name: string): unknown;
  /** The values of an input that is made in JavaScript, such as a shape or axes; undefined for any other. */
  integers(input: number): readonly number[] | undefined;
}

/** @returns undefined where it does not know: the op then runs, on zeros */
export type Rule = (op: AbstractOp) => readonly Abstract[] | undefined;

/** From the front. @param given counted from either end */
const axisOf = ([given]: readonly number[], { shape }: Abstract): number =>
  tf.util.parseAxisParam(given, [...shape])[0];
const withShape = (of: Abstract, shape: readonly number[]): Abstract[] => [{ shape, dtype: of.dtype }];

const reshape: Rule = ({ inputs: [x], integers }) => {
  const wanted = integers(1);
  if (!wanted) return undefined;
  const rest = tf.util.sizeFromShape([...x.shape]) / tf.util.sizeFromShape(wanted.filter((size) => size !== -1));
  return withShape(
    x,
    wanted.map((size) => (size === -1 ? rest : size)),
  );
};

const concat: Rule = ({ inputs, integers }) => {
  const given = integers(inputs.length - 1);
  if (!given) return undefined;
  const parts = inputs.slice(0, -1),
    axis = axisOf(given, parts[0]);
  return withShape(
    parts[0],
    parts[0].shape.map((size, i) => (i === axis ? parts.reduce((sum, { shape }) => sum + shape[i], 0) : size)),
  );
};

const split: Rule = ({ inputs: [x], integers }) => {
  const sizes = integers(1),
    given = integers(2);
  if (!sizes || !given || sizes.includes(-1)) return undefined;
  const axis = axisOf(given, x);
  return sizes.flatMap((part) =>
    withShape(
      x,
      x.shape.map((size, i) => (i === axis ? part : size)),
    ),
  );
};

const gather: Rule = ({ inputs: [x, indices], integers, attribute }) => {
  const given = integers(2);
  if (!given || (attribute("batch_dims") ?? 0) !== 0) return undefined;
  const axis = axisOf(given, x);
  return withShape(x, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
};

/** In the shape that one of the inputs says. @param like the input whose type it has */
const asSaid =
  (input: number, like: number): Rule =>
  ({ inputs, integers }) => {
    const shape = integers(input);
    return shape && [{ shape, dtype: inputs[like].dtype }];
  };

/** What puts values elsewhere. */
export const shapeRules: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  ConcatV2: concat,
  SplitV: split,
  GatherV2: gather,
  Transpose: ({ inputs: [x], integers }) =>
    integers(1) &&
    withShape(
      x,
      integers(1)!.map((axis) => x.shape[axis]),
    ),
  Slice: ({ inputs: [x], integers }) => {
    const begin = integers(1),
      sizes = integers(2);
    return (
      begin &&
      sizes &&
      withShape(
        x,
        sizes.map((size, i) => (size === -1 ? x.shape[i] - begin[i] : size)),
      )
    );
  },
  PadV2: ({ inputs: [x], integers }) => {
    const paddings = integers(1);
    return (
      paddings &&
      withShape(
        x,
        x.shape.map((size, i) => size + paddings[2 * i] + paddings[2 * i + 1]),
      )
    );
  },
  Tile: ({ inputs: [x], integers }) =>
    integers(1) &&
    withShape(
      x,
      integers(1)!.map((times, i) => times * x.shape[i]),
    ),
  Fill: asSaid(0, 1),
};

/** Of a window that slides, in NHWC. @returns undefined for paddings given as numbers */
function slid(op: AbstractOp, sides: readonly number[]): number[] | undefined {
  const padding = op.attribute("padding"),
    strides = op.attribute("strides") as number[],
    format = op.attribute("data_format") ?? "NHWC";
  const dilations = (op.attribute("dilations") ?? [1, 1, 1, 1]) as number[],
    { shape } = op.inputs[0];
  if (format !== "NHWC" || (padding !== "SAME" && padding !== "VALID") || shape.length !== 4) return undefined;
  return sides.map((side, i) => {
    const size = shape[1 + i],
      stride = strides[1 + i],
      seen = padding === "SAME" ? 1 : (side - 1) * dilations[1 + i] + 1;
    return Math.ceil((size - seen + 1) / stride);
  });
}

const over =
  (sidesOf: (op: AbstractOp) => readonly number[], channelsOf: (op: AbstractOp) => number): Rule =>
  (op) => {
    const sides = slid(op, sidesOf(op)),
      [{ shape, dtype }] = op.inputs;
    return sides && [{ shape: [shape[0], ...sides, channelsOf(op)], dtype }];
  };

const kernel = ({ inputs: [, { shape }] }: AbstractOp): readonly number[] => shape;
const pool = over(
  (op) => (op.attribute("ksize") as number[]).slice(1, 3),
  ({ inputs: [{ shape }] }) => shape[3],
);

/** Convolutions, pooling and their gradients. */
export const windowRules: Readonly<Record<string, Rule>> = {
  Conv2D: over(
    (op) => kernel(op).slice(0, 2),
    (op) => kernel(op)[3],
  ),
  DepthwiseConv2dNative: over(
    (op) => kernel(op).slice(0, 2),
    (op) => kernel(op)[2] * kernel(op)[3],
  ),
  Conv2DBackpropInput: asSaid(0, 2),
  Conv2DBackpropFilter: asSaid(1, 0),
  MaxPool: pool,
  AvgPool: pool,
  MaxPoolGrad: ({ inputs: [image] }) => [image],
  AvgPoolGrad: asSaid(0, 1),
};

const names = (list: string): string[] => list.split(" ");
const each = (list: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names(list).map((name) => [name, rule]));

const asFirst: Rule = ({ inputs: [x] }) => [x];

const spread =
  (dtype?: tf.DataType): Rule =>
  ({ inputs: [a, b] }) => [
    { shape: tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]), dtype: dtype ?? a.dtype },
  ];

const reduced: Rule = ({ inputs: [x], integers, attribute }) => {
  const given = integers(1);
  if (!given) return undefined;
  const gone = new Set(tf.util.parseAxisParam([...given], [...x.shape]));
  const shape =
    attribute("keep_dims") === true
      ? x.shape.map((size, i) => (gone.has(i) ? 1 : size))
      : x.shape.filter((_, i) => !gone.has(i));
  return [{ shape, dtype: x.dtype }];
};

/** Of the last two axes; TF.js spreads the others itself. */
const multiplied: Rule = ({ inputs: [a, b], attribute }) => {
  const end = ({ shape }: Abstract, turned: unknown): readonly number[] =>
    turned === true ? [...shape].reverse() : shape.slice(-2);
  const rows = end(a, attribute("adj_x") === true)[0],
    columns = end(b, attribute("adj_y") === true)[1];
  const outer = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [{ shape: [...outer, rows, columns], dtype: a.dtype }];
};

const cast: Rule = ({ inputs: [{ shape }], attribute }) => {
  const dtype = Object.keys(dataTypes).find((name) => dataTypes[name] === attribute("DstT"));
  return dtype === undefined ? undefined : [{ shape, dtype: dtype as tf.DataType }];
};

/** What computes values from values in the same places, sums and products. */
export const valueRules: Readonly<Record<string, Rule>> = {
  ...each(
    "ZerosLike OnesLike Neg Exp Log Log1p Expm1 Sqrt Rsqrt Square Abs Sign Reciprocal Sigmoid Tanh Atanh Sin Cos " +
      "Erf Elu Softplus Floor Ceil Round",
    asFirst,
  ),
  ...each("Relu Relu6 LeakyRelu ReluGrad Relu6Grad EluGrad Softmax LogicalNot", asFirst),
  ...each("Add Sub Mul RealDiv FloorDiv FloorMod Maximum Minimum Pow SquaredDifference", spread()),
  ...each("Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr", spread("bool")),
  ...each("Sum Mean Max Min Prod", reduced),
  BatchMatMulV2: multiplied,
  Cast: cast,
};
