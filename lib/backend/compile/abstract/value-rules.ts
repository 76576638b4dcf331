import * as tf from "@tensorflow/tfjs";
import { dataTypes } from "../attributes";
import type { Abstract, Rule } from "./abstract-op";

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
    "ZerosLike OnesLike Neg Exp Log Log1p Expm1 Sqrt Rsqrt Square Abs Sign Reciprocal Sigmoid Tanh Atanh Sin Cos Erf Elu Softplus Floor Ceil Round",
    asFirst,
  ),
  ...each("Relu Relu6 LeakyRelu ReluGrad Relu6Grad EluGrad Softmax LogicalNot", asFirst),
  ...each("Add Sub Mul RealDiv FloorDiv FloorMod Maximum Minimum Pow SquaredDifference", spread()),
  ...each("Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr", spread("bool")),
  ...each("Sum Mean Max Min Prod", reduced),
  BatchMatMulV2: multiplied,
  Cast: cast,
};
