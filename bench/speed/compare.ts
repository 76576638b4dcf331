import type { NdArray } from "../../lib/data/nd-array";
import type { Check } from "./workloads";

/** What may differ: results by a hundredth of the largest value, an accuracy by a point. */
export const allowed = 1e-2;

/** How far ours is from theirs, by the check's measure; infinite where the shapes differ or a value is not finite. */
export function difference(ours: NdArray, theirs: NdArray, by: Check["by"]): number {
  if (ours.shape.join() !== theirs.shape.join()) return Infinity;
  let largest = 0, most = 0, sum = 0;
  for (let i = 0; i < ours.data.length; i++) {
    const value = Number(theirs.data[i]), off = Math.abs(Number(ours.data[i]) - value);
    if (!Number.isFinite(off)) return Infinity;
    largest = Math.max(largest, Math.abs(value));
    most = Math.max(most, off);
    sum += off;
  }
  if (by === "accuracy") return most;
  // All zeros agree with anything that is relative: no method here gives that.
  if (largest === 0) return Infinity;
  return (by === "mean" ? sum / ours.data.length : most) / largest;
}
