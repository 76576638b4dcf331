import { expect } from "chai";
import type { VisionModel } from "../../../../lib/model/vision-model";
import {
  classVisualization,
  maximize,
  objectives,
  regularizers,
  transforms,
  type Visualization,
} from "../../../../lib/visualize";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { graphsLoaded } from "../../../helpers/graphs-loaded";
import { tinyModel, tinyWeights } from "../../../helpers/tiny-model";

const runs: [string, (model: VisionModel) => Promise<Visualization>][] = [
  [
    "classVisualization",
    (model) => classVisualization(model, [0, 2], { iterations: 40, learningRate: 0.3, blurEvery: 4, jitter: 2 }),
  ],
  [
    "classVisualization, plain steps",
    (model) => classVisualization(model, 1, { iterations: 12, step: "plain", learningRate: 0.01, jitter: 0 }),
  ],
  [
    "classVisualization, accumulated steps",
    (model) =>
      classVisualization(model, 1, { iterations: 12, step: "accumulated", penalty: "norm", learningRate: 0.001 }),
  ],
  [
    "maximize, a logit",
    (model) =>
      maximize(model, objectives.logit([1, 3]), { iterations: 14, regularizers: [regularizers.totalVariation(0.1)] }),
  ],
  [
    "maximize, a channel, rotated and scaled",
    (model) =>
      maximize(model, objectives.channel("act2", 1), {
        iterations: 14,
        transforms: [transforms.jitter(1), transforms.rotate(-10, 10)],
        optimizer: "ascent",
      }),
  ],
];

describe("compile: feature visualization", function () {
  this.timeout(60_000);

  forEachBackend(
    (backend) => {
      const graphs = graphsLoaded();

      for (const [title, visualize] of runs) {
        it(`${title}: the same as op by op, the same bits each time, and nothing is left`, async () => {
          const model = { ...tinyModel(tinyWeights("smooth")), pure: true };
          const run = async (): Promise<{ image: Float32Array; scores: number[][] }> => {
            const { image, scores, dispose } = await visualize(model),
              values = image.dataSync() as Float32Array;
            dispose();
            return { image: values, scores: scores.map((row) => [...row]) };
          };
          process.env.VITRINE_COMPILE = "off";
          const plain = await run();
          expect(graphs.count).to.equal(0);
          delete process.env.VITRINE_COMPILE;
          let own!: Awaited<ReturnType<typeof run>>;
          expect(
            await tensorsLeft(async () => {
              own = await run();
            }),
          ).to.equal(0);
          if (backend === "tensorflow") expect(graphs.count).to.be.above(0);
          own.image.forEach((value, i) => expect(Math.abs(value - plain.image[i])).to.be.at.most(1e-5));
          own.scores.forEach((row, t) =>
            row.forEach((value, i) =>
              expect(Math.abs(value - plain.scores[t][i])).to.be.at.most(1e-5 * Math.max(1, Math.abs(value))),
            ),
          );
          expect(await run()).to.deep.equal(own);
        });
      }
    },
    ["tensorflow", "cpu"],
  );
});
