import { expect } from "chai";
import type { AttributionOptions } from "../../../../lib/attribution/attribution";
import { attributionMethods } from "../../../../lib/attribution/methods";
import { fromLayersModel } from "../../../../lib/model/adapters";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../../helpers/backends";
import { graphsLoaded } from "../../../helpers/graphs-loaded";
import { tinyModel, tinyWeights } from "../../../helpers/tiny-model";
import { branched, nested, pictures, sequential } from "../../model/tiny-models";

/** So that each method goes through the model often enough to be compiled. */
const settings: Record<string, Record<string, unknown>> = {
  "integrated-gradients": { steps: 20 },
  smoothgrad: { samples: 20 },
  occlusion: { window: 2, stride: 1 },
  "occluded-input-x-gradient": { window: 2, stride: 1 },
};
const models: Record<string, () => Promise<VisionModel>> = {
  "tiny, with ReLU and pooling": async () => ({ ...tinyModel(tinyWeights("relu")), pure: true }),
  "tiny and smooth": async () => ({ ...tinyModel(tinyWeights("smooth")), pure: true }),
  branched: async () => fromLayersModel(branched()),
  sequential: async () => fromLayersModel(sequential(), { preprocess: { mean: [0.4], std: [0.3] } }),
  nested: async () => fromLayersModel(nested()),
};

/**
 * One of each kind of graph: a gradient alone, by another rule, of an inner layer, of a batch of a path's points, and
 * no gradient.
 */
const kinds = ["saliency", "guided-backprop", "grad-cam", "integrated-gradients", "occlusion"];

/**
 * Whether a run of CI takes it: each method on two networks, one of each kind on the others. Beyond the native backend
 * everything runs as it is: there one network on one backend is enough.
 */
export function oftenTested(method: string, network: string, backend: string): boolean {
  if (backend !== "tensorflow") return backend === "wasm" && network === "branched";
  return ["branched", "tiny, with ReLU and pooling"].includes(network) || kinds.includes(method);
}

/** Describes each of the library's methods on each small network, of those that are `wanted`. */
export function methodsCompiled(wanted: typeof oftenTested): void {
  forEachBackend(
    (backend) => {
      const graphs = graphsLoaded();

      for (const [title, open] of Object.entries(models)) {
        for (const [method, { explain }] of Object.entries(attributionMethods).filter(([name]) =>
          wanted(name, title, backend),
        )) {
          it(`${method} on ${title} gives the same as op by op, to the bit each time, and leaves nothing`, async () => {
            const model = await open(),
              images = pictures([9, ...model.inputShape]);
            const options = {
              ...settings[method],
              batchSize: method in settings ? 4 : 1,
              target: [0, 1, 1, 0, 1, 0, 0, 1, 1],
            } as AttributionOptions;
            const run = async (): Promise<Float32Array> => {
              const { values, dispose } = await explain(model, images, options),
                numbers = values.dataSync() as Float32Array;
              dispose();
              return numbers;
            };
            process.env.VITRINE_COMPILE = "off";
            const plain = await run();
            expect(graphs.count).to.equal(0);
            delete process.env.VITRINE_COMPILE;
            let own!: Float32Array;
            expect(
              await tensorsLeft(async () => {
                own = await run();
              }),
            ).to.equal(0);
            if (backend === "tensorflow") expect(graphs.count).to.be.above(0);
            const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            own.forEach((value, i) => expect(Math.abs(value - plain[i])).to.be.at.most(1e-5 * largest));
            expect(await run()).to.deep.equal(own);
            images.dispose();
            model.dispose();
          });
        }
      }
    },
    ["tensorflow", "wasm", "cpu"],
  );
}
