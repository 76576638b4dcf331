import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readNpy } from "../../lib/data/npy";
import { allowed, difference } from "./compare";
import type { Contestant, Exported, Ran, Setting } from "./contestant";
import type { MethodOptions, Workload } from "./workloads";

/** The sides of a row, in the order in which they take turns. */
export const sides = ["ours", "theirs", "theirsUsual"] as const;
export type Side = (typeof sides)[number];
export type Each<T> = Record<Side, T>;

/** One row of the results. */
export interface Row {
  readonly name: string;
  readonly target: number;
  /** Milliseconds, the least of the repetitions. */
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly theirsUsualMs: number;
  /** What ours' first runs took beyond later ones: making graphs, filling caches. */
  readonly compileMs: number;
  /** theirs / ours */
  readonly ratio: number;
  readonly repetitions: Each<number>;
  /** How far the median lies above the least, as a share of it. */
  readonly spread: Each<number>;
  /** Most memory of the process while it ran, bytes. */
  readonly peakMemory: Each<number>;
  /** By `comparedBy`. */
  readonly maxRelativeDifference: number;
  readonly comparedBy: string;
  /** Theirs' best. */
  readonly setting: Setting;
  /** `official`, or what stood in. */
  readonly images?: string;
  /** Floating-point operations of one run, in billions. */
  readonly gigaflops?: number;
  /** Why this row counts for nothing. */
  readonly wrong?: string;
}

export interface Sides {
  ours(): Contestant;
  theirs(): Contestant;
}

export interface MeasureOptions {
  readonly folder: string;
  /** Two repetitions, of a smaller piece where the whole takes long. */
  readonly quick?: boolean;
  readonly say?: (line: string) => void;
  /** Between two runs, in milliseconds: threads of the side before go on spinning for a moment. Default: 40. */
  readonly rest?: number;
}

const usual: Setting = { style: "usual", layout: "contiguous" };
const least = (values: readonly number[]): number => Math.min(...values);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/** Runs a workload on all sides, in turns, and compares what they made. */
export async function measure(workload: Workload, make: Sides, { flops, source }: Exported, { folder, quick = false, say = () => undefined, rest = 40 }: MeasureOptions): Promise<Row> {
  const setting = await bestSetting(workload, make, folder, say);
  const open: Each<Contestant> = { ours: make.ours(), theirs: make.theirs(), theirsUsual: make.theirs() };
  try {
    await Promise.all(sides.map((side) => open[side].start({ workload, setting: side === "theirsUsual" ? usual : setting, folder })));
    const options: MethodOptions = quick && workload.tuning ? workload.tuning : {};
    const warm = await warmUp(workload, open);
    for (const side of sides) await open[side].resetPeak();
    const runs = await takeTurns(open, options, quick ? 2 : workload.repetitions ?? 5, rest);
    const times = (side: Side): number[] => runs[side].map(({ ms }) => ms);
    const comparable = workload.tuning === undefined ? [...warm, ...times("ours")] : warm;
    const { off, by, wrong } = await compared(workload, open, runs);
    const each = <T>(of: (side: Side) => T): Each<T> => Object.fromEntries(sides.map((side) => [side, of(side)])) as Each<T>;
    const peaks = [await open.ours.peak(), await open.theirs.peak(), await open.theirsUsual.peak()];
    const [oursMs, theirsMs, theirsUsualMs] = sides.map((side) => least(times(side)));
    const gigaflops = flops && (workload.passes.forward * flops.forward + workload.passes.gradient * flops.gradient * (runs.ours[0].work ?? 1)) / 1e9;
    return {
      name: workload.name, target: workload.target, oursMs, theirsMs, theirsUsualMs,
      compileMs: Math.max(0, warm.reduce((a, b) => a + b) - warm.length * least(comparable)),
      ratio: theirsMs / oursMs,
      repetitions: each((side) => runs[side].length), spread: each((side) => median(times(side)) / least(times(side)) - 1),
      peakMemory: each((side) => peaks[sides.indexOf(side)]),
      maxRelativeDifference: off, comparedBy: by, setting, ...(source !== undefined && { images: source }),
      ...(gigaflops !== undefined && !(quick && workload.tuning) && { gigaflops }), ...(wrong !== undefined && { wrong }),
    };
  } finally {
    await Promise.all(sides.map((side) => open[side].close()));
  }
}

/** Only compares what both sides make, of a piece of what takes long. */
export async function compare(workload: Workload, make: Sides, folder: string): Promise<Comparison> {
  const open = { ours: make.ours(), theirs: make.theirs() };
  try {
    await Promise.all([open.ours, open.theirs].map((side) => side.start({ workload, setting: { ...usual, style: "tuned", batch: workload.batches?.[0] }, folder })));
    // Not two at a time: each would wait for the other's threads.
    const piece = workload.tuning ?? {}, runs = { ours: [await open.ours.run(piece)], theirs: [await open.theirs.run(piece)] };
    return await compared(workload, open, runs);
  } finally {
    await Promise.all(Object.values(open).map((side) => side.close()));
  }
}

/** The faster of both layouts, then the best number at once, each by the best of some runs. */
async function bestSetting(workload: Workload, make: Sides, folder: string, say: (line: string) => void): Promise<Setting> {
  const { batches = [], tuning = {} } = workload;
  const theirs = make.theirs();
  const timed = async (setting: Setting): Promise<number> => {
    await theirs.start({ workload, setting, folder });
    const first = (await theirs.run(tuning)).ms, times: number[] = [];
    // Of a short run the best of several, of a long one the second.
    for (let spent = 0; times.length === 0 || (times.length < 5 && spent < Math.max(300, first)); spent += times.at(-1)!) times.push((await theirs.run(tuning)).ms);
    say(`    ${setting.layout}${setting.batch === undefined ? "" : `, ${setting.batch} at once`}: ${least(times).toFixed(1)} ms`);
    return least(times);
  };
  const best = async (settings: readonly Setting[]): Promise<Setting> => {
    const times: number[] = [];
    for (const setting of settings) times.push(settings.length > 1 ? await timed(setting) : 0);
    return settings[times.indexOf(least(times))];
  };
  try {
    const middle = batches[Math.floor(batches.length / 2)];
    const layouts = (["contiguous", "channels_last"] as const).map((layout): Setting => ({ style: "tuned", layout, ...(middle !== undefined && { batch: middle }) }));
    const fastest = await best(layouts);
    return batches.length > 0 ? await best(batches.map((batch) => ({ ...fastest, batch }))) : fastest;
  } finally {
    await theirs.close();
  }
}

/** What is made at the first calls is made. @returns how long ours took each time */
async function warmUp({ tuning = {} }: Workload, open: Each<Contestant>): Promise<number[]> {
  const ours: number[] = [];
  for (const side of sides) {
    // A compiled function is watched twice and made at the third call.
    for (let times = 0, spent = 0; times < 2 || (times < 5 && spent < 3000); times++) {
      const { ms } = await open[side].run(tuning);
      spent += ms;
      if (side === "ours") ours.push(ms);
      if (side !== "ours" && ms > 3000) break;
    }
  }
  return ours;
}

/** One run each, over and over; theirs as usual fewer times where it takes long, since no ratio depends on it. */
async function takeTurns(open: Each<Contestant>, options: MethodOptions, repetitions: number, rest: number): Promise<Each<Ran[]>> {
  const runs: Each<Ran[]> = { ours: [], theirs: [], theirsUsual: [] };
  for (let turn = 0; turn < repetitions; turn++) {
    for (const side of sides) {
      if (side === "theirsUsual" && turn >= 1 && runs[side][0].ms > 4000) continue;
      await sleep(rest);
      runs[side].push(await open[side].run(options));
    }
  }
  return runs;
}

export interface Comparison {
  readonly off: number;
  /** How it was measured. */
  readonly by: string;
  readonly wrong?: string;
}

async function compared({ check }: Workload, { ours, theirs }: Omit<Each<Contestant>, "theirsUsual">, runs: Omit<Each<Ran[]>, "theirsUsual">): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-bench-answers-"));
  const files = [join(folder, "ours.npy"), join(folder, "theirs.npy")] as const;
  try {
    await Promise.all([ours, theirs].map((side, i) => (check.options ? side.check(check.options, files[i]) : side.answer(files[i]))));
    const [mine, other] = await Promise.all(files.map(readNpy));
    const off = difference(mine, other, check.by), [steps, wanted] = [runs.ours[0].work, runs.theirs[0].work];
    const by = check.by + (steps === undefined ? "" : `, ${steps} iterations against ${wanted}`), wrong = wrongBy(off, by, steps, wanted);
    return { off, by, ...(wrong !== undefined && { wrong }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function wrongBy(off: number, by: string, steps: number | undefined, wanted: number | undefined): string | undefined {
  if (!(off <= allowed)) return `the results differ by ${off.toPrecision(2)} (${by}); allowed: ${allowed}`;
  if (steps !== undefined && wanted !== undefined && Math.abs(steps - wanted) > 0.2 * wanted) return `ours took ${steps} iterations, theirs ${wanted}`;
  return undefined;
}
