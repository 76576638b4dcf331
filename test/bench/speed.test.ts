import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, difference } from "../../bench/speed/compare";
import { ProcessContestant, type Contestant, type Task } from "../../bench/speed/contestant";
import { measureCosts, type Axis } from "../../bench/speed/costs";
import { costsFigure } from "../../bench/speed/costs-figure";
import type { Machine } from "../../bench/speed/machine";
import { measure, type Row } from "../../bench/speed/measure";
import { isMet, pageWith, table } from "../../bench/speed/table";
import { workloads, type MethodOptions, type Workload } from "../../bench/speed/workloads";
import { writeNpy, type NdArray } from "../../lib/data";

/** A side that takes as long as it says, and answers what it is told to. */
class Pretended implements Contestant {
  readonly tasks: Task[] = [];
  runs = 0;
  closed = false;

  constructor(
    private readonly speaks: {
      ms: (task: Task) => number;
      values: readonly number[];
      work?: number;
      log?: string[];
      name?: string;
    },
  ) {}

  async start(task: Task) {
    this.tasks.push(task);
  }
  async run(_: MethodOptions = {}) {
    this.runs++;
    this.speaks.log?.push(this.speaks.name!);
    const first = this.runs <= 2 ? 50 : 0;
    return { ms: this.speaks.ms(this.tasks.at(-1)!) + first, work: this.speaks.work };
  }
  async answer(file: string) {
    await writeNpy(file, array(this.speaks.values));
  }
  async check(_: MethodOptions, file: string) {
    await this.answer(file);
  }
  async resetPeak() {
    /* Nothing is counted. */
  }
  async peak() {
    return { bytes: 200e6, files: 50e6 };
  }
  async close() {
    this.closed = true;
  }
}

const array = (values: readonly number[]): NdArray => ({
  dtype: "float32",
  shape: [values.length],
  data: Float32Array.from(values),
});
const workload: Workload = {
  name: "pretended",
  network: "fashion-deep",
  method: "saliency",
  images: 1,
  options: {},
  target: 1.3,
  batches: [2, 4, 8],
  check: { by: "largest" },
  passes: { forward: 1, gradient: 2 },
};
const truth = [0.5, -2, 0.25];
const machine: Machine = {
  machine: "a machine",
  versions: ["ours 1", "theirs 2"],
  threads: 2,
  loadBefore: 0.1,
  peakGflops: 100,
  peakGflopsOurs: 90,
  peakGflopsTheirs: 100,
  bandwidth: 10,
};
const results = (rows: readonly Row[]) => ({
  date: "2026-01-01",
  ...machine,
  workloads: rows,
  skipped: ["other: no weights here"],
});

describe("the comparison with PyTorch", function () {
  this.timeout(20_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-bench-test-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Theirs is fastest with channels_last, four at once. */
  const theirMs = ({ setting: { style, layout, batch } }: Task): number =>
    style === "usual" ? 90 : (layout === "channels_last" ? 30 : 60) + Math.abs((batch ?? 0) - 4);
  const row = async (
    values: readonly number[],
    work: { ours?: number; theirs?: number } = {},
    log: string[] = [],
  ): Promise<Row> =>
    measure(
      workload,
      {
        ours: () => new Pretended({ ms: () => 20, values, work: work.ours, log, name: "ours" }),
        theirs: () => new Pretended({ ms: theirMs, values: truth, work: work.theirs, log, name: "theirs" }),
      },
      { source: "official", flops: { forward: 1e9, gradient: 2e9 } },
      { folder, rest: 0 },
    );

  it("lets the sides take turns, theirs at its best, and divides the least times", async () => {
    const log: string[] = [],
      measured = await row(truth, {}, log);
    expect(measured.setting).to.deep.equal({ style: "tuned", layout: "channels_last", batch: 4 });
    expect([measured.oursMs, measured.theirsMs, measured.theirsUsualMs, measured.ratio]).to.deep.equal([
      20, 30, 90, 1.5,
    ]);
    expect(measured.compileMs, "two first runs of 50 ms more").to.equal(100);
    expect(measured.gigaflops).to.equal(5);
    expect(log.slice(-15)).to.deep.equal(Array.from({ length: 5 }, () => ["ours", "theirs", "theirs"]).flat());
    expect(measured.repetitions).to.deep.equal({ ours: 5, theirs: 5, theirsUsual: 5 });
    expect(isMet(measured)).to.equal(true);
  });

  it("divides the turns among fresh processes; the least time, the most memory, the worst difference", async () => {
    let started = 0;
    const sides: Pretended[] = [],
      keep = (side: Pretended): Pretended => (sides.push(side), side);
    const measured = await measure(
      { ...workload, repetitions: 7, processes: 3 },
      {
        // The second one is lucky, the third is off by a thousandth.
        ours: () => {
          const nth = ++started;
          return keep(
            new Pretended({ ms: () => (nth === 2 ? 20 : 25), values: nth === 3 ? [0.5, -2.002, 0.25] : truth }),
          );
        },
        theirs: () => keep(new Pretended({ ms: theirMs, values: truth })),
      },
      { source: "official" },
      { folder, rest: 0 },
    );
    expect([started, measured.oursMs, measured.ratio]).to.deep.equal([3, 20, 1.5]);
    expect(measured.repetitions).to.deep.equal({ ours: 9, theirs: 9, theirsUsual: 9 });
    expect(measured.maxRelativeDifference).to.be.closeTo(1e-3, 1e-6);
    expect(measured.compileMs, "the first one's").to.equal(100);
    expect(sides.every(({ closed }) => closed)).to.equal(true);
  });

  it("fails what one process did wrong, though a later one is further off and right", async () => {
    let started = 0;
    const measured = await measure(
      { ...workload, processes: 2 },
      {
        ours: () =>
          ++started === 1
            ? new Pretended({ ms: () => 20, values: truth, work: 5 })
            : new Pretended({ ms: () => 20, values: [0.5, -2.002, 0.25], work: 20 }),
        theirs: () => new Pretended({ ms: theirMs, values: truth, work: 20 }),
      },
      { source: "official" },
      { folder, rest: 0 },
    );
    expect(measured.wrong).to.match(/ours took 5 iterations, theirs 20/);
  });

  it("fails a fast wrong answer", async () => {
    for (const wrong of [
      [0.5, -1.9, 0.25],
      [0.5, -2],
      [0.5, -2, NaN],
      [0, 0, 0],
    ]) {
      const measured = await row(wrong);
      expect(measured.ratio).to.equal(1.5);
      expect(measured.wrong, wrong.join()).to.match(/differ by/);
      expect(isMet(measured)).to.equal(false);
      expect(table(results([measured])))
        .to.match(/\| \*\*wrong\*\* \|[^]*- WRONG pretended: the results differ/)
        .and.to.match(/0 of 1 targets met/);
    }
    expect((await row([0.5, -1.985, 0.25])).wrong, "three quarters of a hundredth").to.equal(undefined);
    expect((await row(truth, { ours: 5, theirs: 20 })).wrong).to.match(/ours took 5 iterations, theirs 20/);
  });

  it("compares without timing, and closes what it opened", async () => {
    const made: Pretended[] = [],
      side = (values: readonly number[]) => () => {
        made.push(new Pretended({ ms: () => 1, values }));
        return made.at(-1)!;
      };
    expect((await compare(workload, { ours: side([1, 1, 1]), theirs: side(truth) }, folder)).wrong).to.match(/differ/);
    expect((await compare(workload, { ours: side(truth), theirs: side(truth) }, folder)).off).to.equal(0);
    expect(made.every(({ closed }) => closed)).to.equal(true);
  });

  it("measures differences by the largest value, by their mean, and accuracies by points", () => {
    expect(difference(array([1, 2]), array([1, 4]), "largest")).to.equal(0.5);
    expect(difference(array([1, -1, 1, 1]), array([1, 1, 1, 1]), "mean")).to.equal(0.5);
    expect(difference(array([0.5]), array([0.75]), "accuracy")).to.equal(0.25);
  });

  it("writes its part of the page, and leaves the rest", async () => {
    const page = "Above.\n<!-- begin: written by npm run bench -->\nold\n<!-- end -->\nBelow.\n",
      written = table(results([await row(truth)]));
    const next = pageWith(page, written);
    expect(next).to.equal(`Above.\n<!-- begin: written by npm run bench -->\n${written}\n<!-- end -->\nBelow.\n`);
    expect(pageWith(next, written)).to.equal(next);
    expect(() => pageWith("nothing", written)).to.throw("lacks the lines");
    const cells = written
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").length);
    expect(new Set(cells).size, "every row has all columns").to.equal(1);
    expect(written)
      .to.match(/\| `pretended` \| 20\.0 \+0 % \| 30\.0 \+0 % \| 90\.0 \| 1\.50 \| 1\.3 \| yes \|/)
      .and.to.include("not measured: other: no weights here");
    // 5 GFLOP in 20 ms are 250 a second, two and a half times the pretended peak.
    expect(written).to.include("| 5.00 | 250 | 250 % | 50.0 |");
  });

  it("tells costs that grow linearly from those that do not, and draws them", async () => {
    const axis: Axis = {
      name: "images",
      what: "saliency",
      points: [1, 2, 4].map((images) => ({ size: images, workload: { ...workload, images } })),
    };
    const growing = (ms: (images: number) => number) => () =>
      new Pretended({ ms: ({ workload: { images } }) => ms(images), values: truth });
    const [costs] = await measureCosts(
      { ours: growing((n) => 5 + 10 * n), theirs: growing((n) => 10 * n * n) },
      folder,
      async () => ({}),
      () => undefined,
      [axis],
    );
    expect(costs.costs.map(({ oursMs, theirsMs, oursMemory }) => [oursMs, theirsMs, oursMemory])).to.deep.equal([
      [15, 10, 200e6],
      [25, 40, 200e6],
      [45, 160, 200e6],
    ]);
    expect(costs.offLine.ours).to.be.closeTo(0, 1e-9);
    expect(costs.offLine.theirs).to.be.above(0.1);
    const { data, layout } = costsFigure([costs], "a machine");
    expect(data.map(({ name, xaxis, y }) => [name, xaxis, y])).to.deep.equal([
      ["Vitrine", "x", [0.015, 0.025, 0.045]],
      ["Vitrine", "x2", [200, 200, 200]],
      ["Vitrine, memory without mapped files", "x2", [150, 150, 150]],
      ["PyTorch + Captum", "x", [0.01, 0.04, 0.16]],
      ["PyTorch + Captum", "x2", [200, 200, 200]],
      ["PyTorch + Captum, memory without mapped files", "x2", [150, 150, 150]],
    ]);
    expect(layout).to.have.property("xaxis2");
  });

  it("says what a side said when it died", async () => {
    const child = new ProcessContestant(
      "Nobody",
      process.execPath,
      ["-e", "console.error('no such thing'); process.exit(3)"],
      {},
    );
    const error = await child.peak().then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/Nobody (ended: exit 3|is gone)/);
    await child.close();
  });

  it("has every workload once, with a target", () => {
    expect(new Set(workloads.map(({ name }) => name)).size).to.equal(workloads.length);
    for (const { target, passes, name } of workloads)
      expect(target >= 1 && passes.forward + passes.gradient > 0, name).to.equal(true);
  });
});
