import { attributeValue } from "../attributes";
import type { RecordedOp, Source } from "../recording";
import { isPlain, padding, steps } from "./convolution-attributes";
import type { Rewriting } from "./rewriting";

/**
 * TensorFlow computes a gradient of so few channels slowly, so that computing more products in another order is worth
 * it.
 */
const FEW = 4,
  STRIDES = [2, 3, 4, 8, 14, 16, 32];

/**
 * The gradient of a strided convolution with respect to an image: pixels whose places leave the same remainder see the
 * same taps of the kernel,
 * so that it is a convolution of dy to stride² times as many channels, which are then put side by side (Shi and others
 * 2016, arXiv:1609.05158).
 */
export function asSubpixels(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
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
