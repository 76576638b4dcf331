import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { AttributionOptions } from "../../../../lib/attribution/attribution";
import { attributionMethods } from "../../../../lib/attribution/methods";
import { ready } from "../../../../lib/backend";
import { fromLayersModel } from "../../../../lib/model/from-layers-model";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { graphsLoaded } from "../../../helpers/graphs-loaded";
import { tinyModel, tinyWeights } from "../../../helpers/tiny-model";
import { branched, nested, pictures, sequential } from "../../model/tiny-models";

const shapeOf = (model: VisionModel, batch: number): [number, number, number, number] => [batch, ...model.inputShape];

/** So that each method goes through the model often enough to be compiled. */
const settings: Record<string, Record<string, unknown>> = {
  "integrated-gradients": { steps: 20 }, smoothgrad: { samples: 20 }, occlusion: { window: 2, stride: 1 }, "occluded-input-x-gradient": { window: 2, stride: 1 },
};
const models: Record<string, () => Promise<VisionModel>> = {
  "tiny, with ReLU and pooling": async () => ({ ...tinyModel(tinyWeights("relu")), pure: true }),
  "tiny and smooth": async () => ({ ...tinyModel(tinyWeights("smooth")), pure: true }),
  branched: async () => fromLayersModel(branched()),
  sequential: async () => fromLayersModel(sequential(), { preprocess: { mean: [0.4], std: [0.3] } }),
  nested: async () => fromLayersModel(nested()),
};

describe("compile: the library's methods", function () {
  this.timeout(120_000);

  forEachBackend((backend) => {
    const graphs = graphsLoaded();

    // Elsewhere everything runs as it is: one network is enough there.
    for (const [title, open] of Object.entries(models).filter(([name]) => backend === "tensorflow" || name === "branched")) {
      for (const [method, { explain }] of Object.entries(attributionMethods)) {
        it(`${method} on ${title} gives the same as op by op, bit by bit the same each time, and leaves nothing`, async () => {
          const model = await open(), images = pictures(shapeOf(model, 9));
          const options = { ...settings[method], batchSize: method in settings ? 4 : 1, target: [0, 1, 1, 0, 1, 0, 0, 1, 1] } as AttributionOptions;
          const run = async (): Promise<Float32Array> => {
            const { values, dispose } = await explain(model, images, options), numbers = values.dataSync() as Float32Array;
            dispose();
            return numbers;
          };
          process.env.VITRINE_COMPILE = "off";
          const plain = await run();
          expect(graphs.count).to.equal(0);
          delete process.env.VITRINE_COMPILE;
          let own!: Float32Array;
          expect(await tensorsLeft(async () => { own = await run(); })).to.equal(0);
          if (backend === "tensorflow") expect(graphs.count).to.be.above(0);
          const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          own.forEach((value, i) => expect(Math.abs(value - plain[i])).to.be.at.most(1e-5 * largest));
          expect(await run()).to.deep.equal(own);
          images.dispose();
          model.dispose();
        });
      }
    }
  }, ["tensorflow", "wasm", "cpu"]);
});

describe("compile: networks that promise nothing", () => {
  it("are called each time, also copies of those that do", async () => {
    await ready();
    const model = fromLayersModel(sequential()), images = pictures(shapeOf(model, 1));
    let calls = 0;
    const counted: VisionModel = Object.assign(Object.create(null), { ...model, logits: (x: tf.Tensor4D) => { calls++; return model.logits(x); } }) as VisionModel;
    const { dispose } = await attributionMethods.smoothgrad.explain(counted, images, { samples: 20, batchSize: 1, target: 0 } as AttributionOptions);
    expect(calls).to.equal(20);
    expect([model.pure, counted.pure]).to.deep.equal([true, undefined]);
    dispose();
    images.dispose();
    model.dispose();
  });
});
