import { expect } from "chai";
import { attributionMethods } from "../../../lib/attribution/methods";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { tensorsLeft } from "../../helpers/backends";
import { backAsChosen, onChosen, onWebgpu } from "../../helpers/webgpu";

/** Both in float32, sums in another order. */
const tolerance = 1e-4;
const options: Record<string, object> = {
  "integrated-gradients": { steps: 8 },
  smoothgrad: { samples: 4, sigma: 0.15, seed: 1 },
  "grad-cam": { layer: "act1" },
  "guided-grad-cam": { layer: "act1" },
  occlusion: { window: 3, stride: 2 },
  "occluded-input-x-gradient": { window: 3, stride: 2 },
};

describe("attribution on webgpu equals the chosen backend's", function () {
  this.timeout(60_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  for (const [name, { explain }] of Object.entries(attributionMethods)) {
    it(name, async () => {
      const model = tinyModel(tinyWeights("relu")),
        pixels = tinyPixelsOf(2);
      const valuesOf = async (): Promise<Float32Array> => {
        const images = tinyImages(pixels);
        const made = await explain(model, images, { ...options[name], target: [1, 2] });
        const values = Float32Array.from((await made.values.data()) as Float32Array);
        made.dispose();
        images.dispose();
        return values;
      };
      const expected = await onChosen(valuesOf);
      let found: Float32Array = new Float32Array(0);
      expect(
        await tensorsLeft(async () => {
          found = await valuesOf();
        }),
      ).to.equal(0);
      expect(relativeError(found, expected)).to.be.below(tolerance);
    });
  }
});
