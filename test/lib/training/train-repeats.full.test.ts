import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { InterruptedError } from "../../../lib/core/errors";
import { train, type TrainOptions } from "../../../lib/training/train";
import { spotNetwork as network, spots, weightsOf } from "../../helpers/spots";

const largestDifference = (a: number[], b: number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe("train: the same run again, or gone on with", function () {
  this.timeout(60_000);
  const data = spots(200, 1),
    options: TrainOptions = { epochs: 4, batchSize: 16, learningRate: 0.02, augment: { shift: 1 }, seed: 3 };
  let folder: string;
  before(() => ready());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-train-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("repeats with a seed, dropout and augmentation included, and differs with another", async () => {
    const [a, b, c] = [network(), network(), network()];
    await train(a, data, options);
    await train(b, data, options);
    await train(c, data, { ...options, seed: 4 });
    expect(largestDifference(weightsOf(a), weightsOf(b))).to.be.below(1e-6);
    expect(largestDifference(weightsOf(a), weightsOf(c))).to.be.above(1e-3);
  });

  // 104 steps are compiled, 52 are not.
  for (const [optimizer, epochs] of [
    ["adam", 4],
    ["momentum", 4],
    ["adam", 8],
  ] as const) {
    it(`goes on after an interruption to where a whole run ends (${optimizer}, ${epochs} epochs)`, async () => {
      const whole = network(),
        stopped = network(),
        resumed = network(),
        stop = new AbortController(),
        run = { ...options, optimizer, epochs };
      await train(whole, data, run);
      let failure: unknown;
      await train(stopped, data, {
        ...run,
        checkpointDir: folder,
        signal: stop.signal,
        reportEvery: 1,
        onStep: ({ epoch, done }) => {
          if (epoch === 3 && done % 13 === 5) stop.abort();
        },
      }).catch((error: unknown) => {
        failure = error;
      });
      expect(failure).to.be.instanceOf(InterruptedError);
      const left: number[] = [];
      await train(resumed, data, {
        ...run,
        checkpointDir: folder,
        onEpoch: (epoch) => {
          left.push(epoch);
        },
      });
      expect(left).to.deep.equal(Array.from({ length: epochs - 2 }, (_, i) => 3 + i));
      expect(largestDifference(weightsOf(resumed), weightsOf(whole))).to.equal(0);
    });
  }
});
