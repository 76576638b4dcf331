import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NdArray } from "../../lib/data/nd-array";
import { readNpy } from "../../lib/data/npy";
import type { Contestant, Ran } from "./contestant";
import { pieceOf, type Each, type Sides } from "./sides";
import { usual } from "./tune";
import type { Check, Workload } from "./workloads";

/** What may differ: results by a hundredth of the largest value, an accuracy by a point. */
export const allowed = 1e-2;

/** How far ours is from theirs, by the check's measure; infinite where the shapes differ or a value is not finite. */
export function difference(ours: NdArray, theirs: NdArray, by: Check["by"]): number {
  if (ours.shape.join() !== theirs.shape.join()) return Infinity;
  let largest = 0,
    most = 0,
    sum = 0;
  for (let i = 0; i < ours.data.length; i++) {
    const value = Number(theirs.data[i]),
      off = Math.abs(Number(ours.data[i]) - value);
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

export interface Comparison {
  readonly off: number;
  /** How it was measured. */
  readonly by: string;
  readonly wrong?: string;
}

/** Compares what both made, or make now of what they share. @param runs the timed ones */
export async function compared(
  { check }: Workload,
  { ours, theirs }: Omit<Each<Contestant>, "theirsUsual">,
  runs: Omit<Each<Ran[]>, "theirsUsual">,
): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-bench-answers-"));
  const files = [join(folder, "ours.npy"), join(folder, "theirs.npy")] as const;
  try {
    await Promise.all(
      [ours, theirs].map((side, i) => (check.options ? side.check(check.options, files[i]) : side.answer(files[i]))),
    );
    const [mine, other] = await Promise.all(files.map(readNpy));
    const off = difference(mine, other, check.by),
      [steps, wanted] = [runs.ours[0].work, runs.theirs[0].work];
    const by = check.by + (steps === undefined ? "" : `, ${steps} iterations against ${wanted}`),
      wrong = wrongBy(off, by, steps, wanted);
    return { off, by, ...(wrong !== undefined && { wrong }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function wrongBy(off: number, by: string, steps: number | undefined, wanted: number | undefined): string | undefined {
  if (!(off <= allowed)) return `the results differ by ${off.toPrecision(2)} (${by}); allowed: ${allowed}`;
  if (steps !== undefined && wanted !== undefined && Math.abs(steps - wanted) > 0.2 * wanted)
    return `ours took ${steps} iterations, theirs ${wanted}`;
  return undefined;
}

/** Only compares what both sides make, of a piece of what takes long. */
export async function compare(workload: Workload, make: Sides, folder: string): Promise<Comparison> {
  const open = { ours: make.ours(), theirs: make.theirs() };
  try {
    await Promise.all(
      [open.ours, open.theirs].map((side) =>
        side.start({ workload, setting: { ...usual, style: "tuned", batch: workload.batches?.[0] }, folder }),
      ),
    );
    // Not two at a time: each would wait for the other's threads.
    const piece = pieceOf(workload),
      runs = { ours: [await open.ours.run(piece)], theirs: [await open.theirs.run(piece)] };
    return await compared(workload, open, runs);
  } finally {
    await Promise.all(Object.values(open).map((side) => side.close()));
  }
}
