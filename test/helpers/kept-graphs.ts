import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { forgetGraphs, runsAsGraph } from "../../lib/backend/graph/model-graphs";
import type { AnySchema } from "../../lib/core/options";
import type { VisionModel } from "../../lib/model/vision-model";
import { relativeError } from "./finite-difference";
import { tinyModel, tinyWeights } from "./tiny-model";

/** A method that keeps the graph of its step with the model. */
export interface Keeps {
  readonly schema: AnySchema;
  /** Options with which the step runs often enough to become a graph. */
  readonly base: object;
  /** Two values of each option that may change what comes out, with whatever they need beside them. */
  readonly pairs: Readonly<Record<string, readonly [object, object]>>;
  /** Two ways to be asked that differ in more than an option, by what they differ in. */
  readonly ways?: Readonly<Record<string, readonly [object, object]>>;
  /** After how many runs there is a graph: a gradient of many values becomes one at its second. Default: 1. */
  readonly runsNeeded?: number;
  /** @returns numbers that differ where results do; it disposes of what it makes */
  run(model: VisionModel, options: object): Promise<readonly number[]>;
}

/** A network of its own, which counts how often its code runs: a graph that is there runs none of it. */
function fresh(): { model: VisionModel; calls(): number } {
  const tiny = tinyModel(tinyWeights("relu"));
  let calls = 0;
  const model: VisionModel = {
    ...tiny,
    pure: true,
    normalization: { mean: [0.4, 0.5], std: [0.2, 0.3] },
    logits: (x, tap) => {
      calls++;
      return tiny.logits(x, tap);
    },
  };
  return { model, calls: () => calls };
}

async function onFresh<T>(work: (model: VisionModel, calls: () => number) => Promise<T>): Promise<T> {
  const { model, calls } = fresh();
  return work(model, calls).finally(() => forgetGraphs(model));
}

function expectSame(seen: readonly number[], wanted: readonly number[], what: string): void {
  expect(relativeError(seen, wanted), what).to.be.below(1e-6);
}

/** Two runs that differ in one option only, one after the other on one network, each give what a new network gives. */
export function keepsGraphsApart(name: string, { schema, base, pairs, ways = {}, run, runsNeeded = 1 }: Keeps): void {
  describe(`${name}, kept graphs`, () => {
    // Of so small a network some maps are empty, which is warned of each time.
    const { warn } = console;
    before(() => (console.warn = () => undefined));
    after(() => (console.warn = warn));

    it(`has its graph after ${runsNeeded} ${runsNeeded === 1 ? "run" : "runs"}`, async () => {
      await onFresh(async (model, calls) => {
        expect(runsAsGraph(model)).to.equal(true);
        const first = await run(model, base),
          traced = calls();
        for (let more = 1; more < runsNeeded; more++) await run(model, base);
        const before = calls();
        expectSame(await run(model, base), first, "a later run");
        expect(calls() - before, "how often the network's code runs again").to.be.below(traced);
      });
    });
    for (const option of [...Object.keys(schema), ...Object.keys(ways)]) {
      if (schema[option]?.traced === "never") continue;
      it(`${option}: neither of two answers for the other`, async () => {
        const pair = (ways[option] ?? pairs[option])?.map((each) => ({ ...base, ...each }));
        expect(pair, `two values of ${option}`).to.have.length(2);
        const inTurns = (order: readonly number[]) =>
          onFresh(async (model) => {
            const results: (readonly number[])[] = [];
            for (let round = 0; round < runsNeeded; round++)
              for (const at of order) results.push(await run(model, pair[at]));
            return results;
          });
        // The first result of each network is that of a new one.
        const orders = [await inTurns([0, 1]), await inTurns([1, 0])];
        expect(orders[0][0], "results of the two").to.not.deep.equal(orders[1][0]);
        orders.forEach((results, order) =>
          results.forEach((result, i) =>
            expectSame(result, orders[(order + i) % 2][0], `run ${i} of the ${order === 0 ? "first" : "second"} order`),
          ),
        );
      });
    }
  });
}

/** All numbers of some tensors, and whatever else tells results apart. */
export const numbersOf = (tensors: readonly tf.Tensor[], more: readonly number[] = []): number[] => [
  ...tensors.flatMap((tensor) => Array.from(tensor.dataSync())),
  ...more,
];
