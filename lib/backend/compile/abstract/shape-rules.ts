import * as tf from "@tensorflow/tfjs";
import type { Abstract, Rule } from "./abstract-op";
import { asSaid } from "./window-rules";

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
