import { expect } from "chai";
import type { AttackOptions } from "../../../../lib/attack/attack";
import { targeted } from "../../../../lib/attack/criterion";
import { attackMethods } from "../../../../lib/attack/methods";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { forEachBackend } from "../../../helpers/backends";
import { graphsLoaded } from "../../../helpers/graphs-loaded";
import { tinyModel, tinyWeights } from "../../../helpers/tiny-model";
import { pictures } from "../../model/tiny-models";

/** Attacks of one model that differ in one option each: the graph that one keeps must not answer for another. */
const alike: readonly [method: string, variants: readonly Record<string, unknown>[]][] = [
  [
    "pgd",
    [
      { epsilon: 0.1, steps: 12 },
      { epsilon: 0.1, steps: 12, criterion: targeted([1, 2, 0, 1]) },
      { epsilon: 0.1, steps: 12, norm: "l2" },
      { epsilon: 0.1, steps: 12, norm: "l2", criterion: targeted([1, 2, 0, 1]) },
    ],
  ],
  [
    "carlini-wagner",
    [
      { steps: 10, searches: 1, initialWeight: 5 },
      { steps: 10, searches: 1, initialWeight: 5, criterion: targeted([1, 2, 0, 1]) },
      { steps: 10, searches: 1, initialWeight: 5, confidence: 0.5 },
    ],
  ],
  [
    "fooling",
    [
      { target: 1, maxIterations: 12, learningRate: 0.2 },
      { target: 2, maxIterations: 12, learningRate: 0.2 },
    ],
  ],
];

describe("compile: graphs that are kept", function () {
  this.timeout(60_000);

  forEachBackend(() => {
    const graphs = graphsLoaded();

    for (const [method, variants] of alike) {
      it(`${method}: after another option has made its graph, the answer is still one's own`, async () => {
        const model: VisionModel = { ...tinyModel(tinyWeights("smooth")), pure: true },
          images = pictures([4, ...model.inputShape]);
        const run = async (options: Record<string, unknown>): Promise<Float32Array> => {
          const { raw, dispose } = await attackMethods[method].attack(model, images, options as AttackOptions);
          const values = raw.dataSync() as Float32Array;
          dispose();
          return values;
        };
        process.env.VITRINE_COMPILE = "off";
        const plain: Float32Array[] = [];
        for (const options of variants) plain.push(await run(options));
        delete process.env.VITRINE_COMPILE;
        for (const [i, options] of variants.entries()) {
          const own = await run(options);
          own.forEach((value, at) =>
            expect(Math.abs(value - plain[i][at]), JSON.stringify(options)).to.be.at.most(1e-5),
          );
        }
        expect(graphs.count).to.be.above(0);
        const apart = plain.slice(1).map((values) => values.some((value, at) => Math.abs(value - plain[0][at]) > 1e-3));
        expect(apart, "the options make a difference").to.deep.equal(plain.slice(1).map(() => true));
        images.dispose();
      });
    }
  }, ["tensorflow"]);
});
