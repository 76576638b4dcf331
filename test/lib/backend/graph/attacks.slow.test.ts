import { expect } from "chai";
import type { AttackOptions } from "../../../../lib/attack/attack";
import { attackMethods } from "../../../../lib/attack/methods";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { graphsLoaded } from "../../../helpers/graphs-loaded";
import { tinyModel, tinyWeights } from "../../../helpers/tiny-model";
import { pictures } from "../../model/tiny-models";

/** Those that take many steps; so many that a step is worth a graph. */
const runs: [string, string, Record<string, unknown>][] = [
  ["pgd", "pgd", { epsilon: 0.1, steps: 12 }],
  ["pgd, by its length", "pgd", { epsilon: 0.3, norm: "l2", steps: 12 }],
  ["fooling", "fooling", { target: 1, learningRate: 0.2, maxIterations: 12 }],
  ["deepfool", "deepfool", { steps: 12, candidates: 3 }],
  ["deepfool, a candidate at a time", "deepfool", { steps: 6, batchSize: 2 }],
  ["carlini-wagner", "carlini-wagner", { steps: 12, searches: 2, learningRate: 0.05, initialWeight: 1 }],
  [
    "carlini-wagner, targeted and confident",
    "carlini-wagner",
    { target: 1, steps: 12, searches: 1, learningRate: 0.05, initialWeight: 10, confidence: 0.1 },
  ],
];

describe("compile: attacks", function () {
  this.timeout(60_000);

  forEachBackend(
    (backend) => {
      const graphs = graphsLoaded();

      for (const [title, method, options] of runs) {
        it(`${title}: the same as op by op, the same bits each time, and nothing is left`, async () => {
          const model: VisionModel = { ...tinyModel(tinyWeights("smooth")), pure: true },
            images = pictures([4, ...model.inputShape]);
          const run = async (): Promise<{ raw: Float32Array; iterations: number[] }> => {
            const { raw, iterations, dispose } = await attackMethods[method].attack(
                model,
                images,
                options as AttackOptions,
              ),
              values = raw.dataSync() as Float32Array;
            dispose();
            return { raw: values, iterations: [...iterations] };
          };
          process.env.VITRINE_COMPILE = "off";
          const plain = await run();
          expect(graphs.count).to.equal(0);
          expect(Math.max(...plain.iterations)).to.be.above(0);
          delete process.env.VITRINE_COMPILE;
          let own!: Awaited<ReturnType<typeof run>>;
          expect(
            await tensorsLeft(async () => {
              own = await run();
            }),
          ).to.equal(0);
          if (backend === "tensorflow") expect(graphs.count).to.be.above(0);
          expect(own.iterations).to.deep.equal(plain.iterations);
          own.raw.forEach((value, i) => expect(Math.abs(value - plain.raw[i])).to.be.at.most(1e-5));
          expect(await run()).to.deep.equal(own);
          images.dispose();
        });
      }
    },
    ["tensorflow", "cpu"],
  );
});
