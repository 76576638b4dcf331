import { setTimeout as sleep } from "node:timers/promises";
import { compared, type Comparison } from "./compare";
import type { Contestant, Exported, Ran, Setting } from "./contestant";
import { pieceOf, sides, whole, type Each, type Side, type Sides } from "./sides";
import { bestSetting, usual } from "./tune";
import type { MethodOptions, Workload } from "./workloads";

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

export interface MeasureOptions {
  readonly folder: string;
  /** Two repetitions, of a smaller piece where the whole takes long. */
  readonly quick?: boolean;
  readonly say?: (line: string) => void;
  /** Between two runs, in milliseconds: threads of the side before go on spinning for a moment. Default: 40. */
  readonly rest?: number;
}

const least = (values: readonly number[]): number => Math.min(...values);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

/** What processes of all sides, started together, did in turns. */
interface Round {
  readonly runs: Each<Ran[]>;
  /** Ours' first runs, milliseconds. */
  readonly warm: readonly number[];
  readonly peaks: Each<number>;
  readonly comparison: Comparison;
}

/** Runs a workload on all sides, in turns, and compares what they made. */
export async function measure(
  workload: Workload,
  make: Sides,
  { flops, source }: Exported,
  { folder, quick = false, say = () => undefined, rest = 40 }: MeasureOptions,
): Promise<Row> {
  const setting = await bestSetting(workload, make, folder, say);
  const options = quick ? pieceOf(workload) : whole,
    { processes = 1, repetitions = 5 } = workload;
  const rounds: Round[] = [];
  for (let i = 0; i < (quick ? 1 : processes); i++) {
    rounds.push(
      await round(workload, make, {
        setting,
        folder,
        options,
        rest,
        repetitions: quick ? 2 : Math.ceil(repetitions / processes),
      }),
    );
  }
  const [{ warm }] = rounds,
    runs = each((side) => rounds.flatMap((one) => one.runs[side]));
  const times = (side: Side): number[] => runs[side].map(({ ms }) => ms);
  const comparable = workload.tuning === undefined ? [...warm, ...rounds[0].runs.ours.map(({ ms }) => ms)] : warm;
  const comparisons = rounds.map(({ comparison }) => comparison);
  const { off, by, wrong } =
    comparisons.find((one) => one.wrong !== undefined) ??
    comparisons.reduce((worst, one) => (one.off > worst.off ? one : worst));
  const [oursMs, theirsMs, theirsUsualMs] = sides.map((side) => least(times(side)));
  const gigaflops =
    flops &&
    (workload.passes.forward * flops.forward + workload.passes.gradient * flops.gradient * (runs.ours[0].work ?? 1)) /
      1e9;
  return {
    name: workload.name,
    target: workload.target,
    oursMs,
    theirsMs,
    theirsUsualMs,
    compileMs: Math.max(0, warm.reduce((a, b) => a + b) - warm.length * least(comparable)),
    ratio: theirsMs / oursMs,
    repetitions: each((side) => runs[side].length),
    spread: each((side) => median(times(side)) / least(times(side)) - 1),
    peakMemory: each((side) => Math.max(...rounds.map(({ peaks }) => peaks[side]))),
    maxRelativeDifference: off,
    comparedBy: by,
    setting,
    ...(source !== undefined && { images: source }),
    ...(gigaflops !== undefined && options === whole && { gigaflops }),
    ...(wrong !== undefined && { wrong }),
  };
}

const each = <T>(of: (side: Side) => T): Each<T> =>
  Object.fromEntries(sides.map((side) => [side, of(side)])) as Each<T>;

interface RoundOptions {
  readonly setting: Setting;
  readonly folder: string;
  readonly options: MethodOptions;
  readonly repetitions: number;
  readonly rest: number;
}

async function round(
  workload: Workload,
  make: Sides,
  { setting, folder, options, repetitions, rest }: RoundOptions,
): Promise<Round> {
  const open: Each<Contestant> = { ours: make.ours(), theirs: make.theirs(), theirsUsual: make.theirs() };
  try {
    await Promise.all(
      sides.map((side) => open[side].start({ workload, setting: side === "theirsUsual" ? usual : setting, folder })),
    );
    const warm = await warmUp(workload, open);
    for (const side of sides) await open[side].resetPeak();
    const runs = await takeTurns(open, options, repetitions, rest);
    const [ours, theirs, theirsUsual] = [
      await open.ours.peak(),
      await open.theirs.peak(),
      await open.theirsUsual.peak(),
    ].map(({ bytes }) => bytes);
    return { runs, warm, peaks: { ours, theirs, theirsUsual }, comparison: await compared(workload, open, runs) };
  } finally {
    await Promise.all(sides.map((side) => open[side].close()));
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
async function takeTurns(
  open: Each<Contestant>,
  options: MethodOptions,
  repetitions: number,
  rest: number,
): Promise<Each<Ran[]>> {
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
