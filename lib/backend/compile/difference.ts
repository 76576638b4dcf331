import type { Captured, Constant, RecordedOp, Recording } from "./recording";
import type { Place } from "./refusal";

/**
 * Whether two runs of a function told TensorFlow to do the same: what they made in JavaScript is then taken for
 * constant.
 * Both pruned.
 * @returns the first difference, for people, with its place in the later run; undefined where there is none
 */
export function difference(earlier: Recording, later: Recording): string | undefined {
  // What an op takes is looked at before the op itself: a value made in JavaScript explains more than a different sum.
  const constant = firstDifference(earlier.constants, later.constants, sameConstant);
  const op = firstDifference(earlier.ops, later.ops, sameOp);
  if (later.ops.length === earlier.ops.length && op === undefined && constant !== undefined) {
    return at(
      "makes a tensor in JavaScript that differs from run to run; let it be an input",
      later.constants[constant]?.place,
    );
  }
  if (op !== undefined || later.ops.length !== earlier.ops.length) {
    const differing = later.ops[op ?? Math.min(later.ops.length, earlier.ops.length) - 1];
    return at(`computes something else from run to run (${differing?.name ?? "an op"})`, differing?.place);
  }
  const captured = firstDifference(earlier.captured, later.captured, sameCaptured);
  if (captured !== undefined) {
    const taken = later.ops.find(({ inputs }) =>
      inputs.some((source) => source.kind === "captured" && source.index === captured),
    );
    return at("takes another tensor from outside from run to run; let it be an input", taken?.place);
  }
  const output = firstDifference(earlier.outputs, later.outputs, (a, b) => JSON.stringify(a) === JSON.stringify(b));
  return output === undefined ? undefined : "returns something else from run to run";
}

const at = (what: string, place?: Place): string => {
  const where = place?.toString() ?? "";
  return `the function ${what}${where === "" ? "" : ` (${where})`}`;
};

function firstDifference<T>(
  earlier: readonly T[],
  later: readonly T[],
  same: (a: T, b: T) => boolean,
): number | undefined {
  const index = later.findIndex((item, i) => i >= earlier.length || !same(earlier[i], item));
  if (index >= 0) return index;
  return earlier.length > later.length ? later.length : undefined;
}

const sameOp = (a: RecordedOp, b: RecordedOp): boolean =>
  a.name === b.name &&
  JSON.stringify(a.inputs) === JSON.stringify(b.inputs) &&
  a.attributes.length === b.attributes.length &&
  a.attributes.every(([name, value], i) => name === b.attributes[i][0] && value.equals(b.attributes[i][1]));

const sameConstant = (a: Constant, b: Constant): boolean =>
  a.dataType === b.dataType && a.shape.join() === b.shape.join() && a.bytes.equals(b.bytes);

const sameCaptured = (a: Captured, b: Captured): boolean =>
  a.variable === b.variable && (a.variable !== undefined || a.dataId === b.dataId);
