import { cpus, loadavg, release, totalmem, type as system } from "node:os";
import type { ProcessContestant } from "./contestant";

export interface Machine {
  readonly machine: string;
  readonly versions: readonly string[];
  readonly threads: number;
  /** Jobs that were running before: above half, the numbers are those of a busy machine. */
  readonly loadBefore: number;
  /** The most that a large matrix product reached on either side, billions of operations a second. */
  readonly peakGflops: number;
  readonly peakGflopsOurs: number;
  readonly peakGflopsTheirs: number;
  /** Read and written by a large copy, billions of bytes a second. */
  readonly bandwidth: number;
}

/** What is compared on what, and what the machine can do at most. */
export async function describeMachine(ours: ProcessContestant, theirs: () => ProcessContestant): Promise<Machine> {
  const other = theirs(),
    loadBefore = Number(loadavg()[0].toFixed(2));
  try {
    // One after the other, twice: what else the machine does meets both.
    const mine = [await ours.machine()],
      yours = [await other.machine()];
    mine.push(await ours.machine());
    yours.push(await other.machine());
    const most = (values: readonly number[]): number => Math.round(Math.max(...values) * 10) / 10;
    const peaks = [mine, yours].map((side) => most(side.map(({ gflops }) => gflops)));
    return {
      machine:
        `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${system()} ` +
        `${release()}`,
      versions: [mine[0].versions, yours[0].versions],
      threads: yours[0].threads,
      loadBefore,
      peakGflops: Math.max(...peaks),
      peakGflopsOurs: peaks[0],
      peakGflopsTheirs: peaks[1],
      bandwidth: most([...mine, ...yours].map(({ gigabytesPerSecond }) => gigabytesPerSecond)),
    };
  } finally {
    await other.close();
  }
}
