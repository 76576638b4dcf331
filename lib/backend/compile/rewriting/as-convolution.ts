import type { RecordedOp } from "../recording";
import { isPlain, padding, steps } from "./convolution-attributes";
import type { Rewriting } from "./rewriting";

/**
 * The input gradient of a convolution of stride 1 is a convolution of dy with the kernel turned by half a turn, in and
 * out exchanged; of a
 * kernel that is a constant TensorFlow then turns it once, when it optimizes the graph.
 */
export function asConvolution(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
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
