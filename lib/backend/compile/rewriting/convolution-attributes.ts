import type { AttributeTypes, OpAttribute } from "../attributes";
import type { RecordedOp } from "../recording";
import type { Rewriting } from "./rewriting";

/** Strides or dilations, the same down and right. */
export const steps = (
  name: "strides" | "dilations",
  by: number,
  { TF_ATTR_INT: type }: AttributeTypes,
): OpAttribute => ({ name, type, value: [1, by, by, 1] });
export const padding = (value: "SAME" | "VALID", { TF_ATTR_STRING: type }: AttributeTypes): OpAttribute => ({
  name: "padding",
  type,
  value,
});

/** Whether a convolution, or a gradient of one, has channels last and no dilation. */
export function isPlain(op: RecordedOp, work: Rewriting): boolean {
  return (
    work.is(op, { name: "data_format", type: work.types.TF_ATTR_STRING, value: "NHWC" }, true) &&
    work.is(op, steps("dilations", 1, work.types), true)
  );
}
