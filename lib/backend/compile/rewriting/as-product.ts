import type { RecordedOp } from "../recording";
import type { Rewriting } from "./rewriting";

const renamed = new Map([
  ["adj_x", "transpose_a"],
  ["adj_y", "transpose_b"],
  ["T", "T"],
]);

/** TensorFlow.js multiplies two matrices as a batch of them, with which TensorFlow fuses no bias. */
export function isProduct(op: RecordedOp, work: Rewriting): boolean {
  return (
    op.name === "BatchMatMulV2" &&
    op.inputs.every((input) => work.shapeOf(input)?.length === 2) &&
    op.attributes.every(([name]) => renamed.has(name))
  );
}

/** A product of two matrices, not a batch. */
export function asProduct(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
  if (!isProduct(op, work)) return undefined;
  return {
    ...op,
    name: "MatMul",
    attributes: op.attributes.map(([name, value]) => [renamed.get(name)!, value] as const),
    inputs: op.inputs.map(work.now),
  };
}
