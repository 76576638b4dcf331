import type { RecordedOp } from "../recording";
import { isProduct } from "./as-product";
import { isPlain } from "./convolution-attributes";
import type { Rewriting } from "./rewriting";

/**
 * The sum of a convolution or of a product of matrices and a vector is a bias, which TensorFlow fuses with it and a
 * ReLU behind.
 */
export function asBias(op: RecordedOp, work: Rewriting): RecordedOp | undefined {
  const [sum, vector] = op.inputs;
  if ((op.name !== "Add" && op.name !== "AddV2") || work.shapeOf(vector)?.length !== 1) return undefined;
  const maker = work.makerOf(sum);
  if (!maker || !((maker.name === "Conv2D" && isPlain(maker, work)) || isProduct(maker, work))) return undefined;
  // A sum, unlike a bias, spreads a vector of one number.
  return maker.shape?.at(-1) === work.shapeOf(vector)![0]
    ? { ...op, name: "BiasAdd", inputs: op.inputs.map(work.now) }
    : undefined;
}
