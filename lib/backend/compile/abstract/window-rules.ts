import type { AbstractOp, Rule } from "./abstract-op";

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

/** In the shape that one of the inputs says. @param like the input whose type it has */
export const asSaid =
  (input: number, like: number): Rule =>
  ({ inputs, integers }) => {
    const shape = integers(input);
    return shape && [{ shape, dtype: inputs[like].dtype }];
  };

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
