import type { AttributeTypes } from "../attributes";
import type { Recording } from "../recording";
import { asBias } from "./as-bias";
import { asConvolution } from "./as-convolution";
import { asProduct } from "./as-product";
import { asSubpixels } from "./as-subpixels";
import { Rewriting } from "./rewriting";

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
