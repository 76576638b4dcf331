import { expect } from "chai";
import type { VisionModel } from "../../../lib/model/vision-model";
import {
  classVisualization,
  maximize,
  objectives,
  parametrizations,
  regularizers,
  transforms,
  type Visualization,
} from "../../../lib/visualize";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyModel, tinyWeights } from "../../helpers/tiny-model";
import { backAsChosen, onChosen, onWebgpu } from "../../helpers/webgpu";

/** Both in float32; steps add up what sums in another order make. */
const tolerance = 1e-3;
const model: VisionModel = { ...tinyModel(tinyWeights("relu")), normalization: { mean: [0.4, 0.5], std: [0.2, 0.3] } };
const objective = objectives.logit(["bee", "Cat"]);
const runs: Record<string, () => Promise<Visualization>> = {
  "class visualization": () =>
    classVisualization(model, ["bee", "Cat"], { iterations: 4, learningRate: 1, jitter: 2, blurEvery: 2, seed: 1 }),
  "maximize: pixels, transforms, regularizers, Adam": () =>
    maximize(model, objective, {
      iterations: 3,
      seed: 1,
      parametrization: parametrizations.pixels(),
      transforms: [transforms.pad(1), transforms.jitter(2), transforms.rotate(-9, 9)],
      regularizers: [regularizers.l2(1e-3), regularizers.totalVariation(1e-3)],
    }),
  "maximize: a spectrum": () =>
    maximize(model, objective, {
      iterations: 3,
      seed: 1,
      optimizer: "ascent",
      parametrization: parametrizations.fourier({ decorrelate: false }),
    }),
  "deep dream of a layer": () =>
    maximize(model, objectives.deepDream("act1"), {
      iterations: 3,
      seed: 1,
      images: 2,
      parametrization: parametrizations.pixels(),
      transforms: [],
    }),
};

describe("visualizations on webgpu are the chosen backend's", function () {
  this.timeout(60_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  for (const [name, run] of Object.entries(runs)) {
    it(name, async () => {
      const made = async (): Promise<{ image: Float32Array; scores: readonly number[] }> => {
        const result = await run(),
          image = Float32Array.from((await result.image.data()) as Float32Array),
          scores = result.scores.flat();
        result.dispose();
        return { image, scores };
      };
      const expected = await onChosen(made);
      let found = expected;
      expect(
        await tensorsLeft(async () => {
          found = await made();
        }),
      ).to.equal(0);
      expect(found).to.not.equal(expected);
      expect(relativeError(found.image, expected.image)).to.be.below(tolerance);
      found.scores.forEach((score, i) =>
        expect(score).to.be.closeTo(expected.scores[i], tolerance * Math.max(1, Math.abs(expected.scores[i]))),
      );
    });
  }
});
