import type { Contestant, Exported, Setting } from "./contestant";
import type { Sides } from "./sides";
import type { MethodOptions, Workload } from "./workloads";

/** One thing that costs grow with, at several sizes. */
export interface Axis {
  readonly name: "images" | "steps" | "windows";
  /** What runs, for the figure. */
  readonly what: string;
  readonly points: readonly { readonly size: number; readonly workload: Workload }[];
}

/** Time and memory of both sides at one size. */
export interface Cost {
  readonly size: number;
  readonly oursMs: number;
  readonly theirsMs: number;
  /** Most memory, bytes. */
  readonly oursMemory: number;
  readonly theirsMemory: number;
  /** Of it mapped files, see `Peak` in contestant.ts. */
  readonly oursFiles: number;
  readonly theirsFiles: number;
}

export interface Costs {
  readonly axis: Axis["name"];
  readonly what: string;
  readonly costs: readonly Cost[];
  /** How far ours' times lie from a straight line at most, as a share of the line; and theirs'. */
  readonly offLine: { readonly ours: number; readonly theirs: number };
}

const base = {
  network: "squeezenet1_1",
  target: 1,
  check: { by: "largest" },
  passes: { forward: 0, gradient: 1 },
} as const;
const point = (size: number, method: Workload["method"], images: number, options: MethodOptions) => ({
  size,
  workload: { ...base, name: `${method}-${size}`, method, images, options } satisfies Workload,
});
/** 224 pixels, windows of 32 and so far from each other: 49 … 1,089 windows. */
const strides = [32, 16, 11, 8, 6];

export const axes: readonly Axis[] = [
  {
    name: "images",
    what: "saliency",
    points: [25, 50, 100, 150, 200].map((images) => point(images, "saliency", images, {})),
  },
  {
    name: "steps",
    what: "integrated gradients of one image",
    points: [10, 50, 100, 150, 200].map((steps) => point(steps, "integrated-gradients", 1, { steps })),
  },
  {
    name: "windows",
    what: "occlusion of one image",
    points: strides.map((stride) =>
      point((Math.ceil((224 - 32) / stride) + 1) ** 2, "occlusion", 1, { window: 32, stride }),
    ),
  },
];

/** As many at once as ours takes by default. */
const setting: Setting = { style: "tuned", layout: "channels_last", batch: 25 };
const repetitions = 3;

/** @param prepare writes what a workload needs @param say called before each point */
export async function measureCosts(
  make: Sides,
  folder: string,
  prepare: (workload: Workload) => Promise<Exported>,
  say: (line: string) => void,
  chosen = axes,
): Promise<Costs[]> {
  const all: Costs[] = [];
  for (const { name, what, points } of chosen) {
    const costs: Cost[] = [];
    for (const { size, workload } of points) {
      const { missing } = await prepare(workload);
      if (missing !== undefined) throw new Error(missing);
      // Processes of its own for each point: what a larger one took is not given back.
      const [ours, theirs] = [make.ours(), make.theirs()];
      try {
        const cost = await pointCost({ ours, theirs }, workload, size, folder);
        costs.push(cost);
        say(
          `  ${name} ${size}: ours ${cost.oursMs.toFixed(0)} ms, ${memoryOf(cost.oursMemory, cost.oursFiles)}; ` +
            `theirs ${cost.theirsMs.toFixed(0)} ms, ${memoryOf(cost.theirsMemory, cost.theirsFiles)}`,
        );
      } finally {
        await Promise.all([ours.close(), theirs.close()]);
      }
    }
    all.push({
      axis: name,
      what,
      costs,
      offLine: { ours: offLine(costs, "oursMs"), theirs: offLine(costs, "theirsMs") },
    });
  }
  return all;
}

async function pointCost(
  { ours, theirs }: { ours: Contestant; theirs: Contestant },
  workload: Workload,
  size: number,
  folder: string,
): Promise<Cost> {
  const both = [ours, theirs],
    times: [number[], number[]] = [[], []];
  for (const side of both) {
    await side.start({ workload, setting, folder });
    await side.run();
    await side.resetPeak();
  }
  for (let turn = 0; turn < repetitions; turn++)
    for (const [i, side] of both.entries()) times[i].push((await side.run()).ms);
  const [oursMs, theirsMs] = times.map((each) => Math.min(...each));
  const [our, their] = [await ours.peak(), await theirs.peak()];
  return {
    size,
    oursMs,
    theirsMs,
    oursMemory: our.bytes,
    theirsMemory: their.bytes,
    oursFiles: our.files,
    theirsFiles: their.files,
  };
}

/** The largest distance of a time from the least-squares line through all of them, as a share of the line there. */
export function offLine(costs: readonly Cost[], key: "oursMs" | "theirsMs"): number {
  const n = costs.length,
    mean = (of: (cost: Cost) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0) / n;
  const [x, y] = [mean(({ size }) => size), mean((cost) => cost[key])];
  const slope = mean((cost) => (cost.size - x) * (cost[key] - y)) / mean(({ size }) => (size - x) ** 2);
  return Math.max(
    ...costs.map((cost) => {
      const line = y + slope * (cost.size - x);
      return Math.abs(cost[key] - line) / line;
    }),
  );
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
const memoryOf = (bytes: number, files: number): string =>
  `${megabytes(bytes)} MB (${megabytes(bytes - files)} without files)`;
