import { expect } from "chai";
import type { AttackOptions } from "../../../lib/attack/attack";
import { attackMethods } from "../../../lib/attack/methods";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { backAsChosen, onChosen, onWebgpu } from "../../helpers/webgpu";

/** Both in float32; steps add up what sums in another order make. */
const tolerance = 1e-3;
const options: Record<string, object> = {
  fgsm: { epsilon: 0.1 },
  "normed-gradient": { epsilon: 0.5 },
  "random-noise": { epsilon: 0.1 },
  pgd: { epsilon: 0.1, steps: 3, norm: "l2", seed: 1 },
  fooling: { target: [2, 0], learningRate: 0.1, maxIterations: 5 },
  "carlini-wagner": { steps: 4, searches: 2, learningRate: 0.1 },
  deepfool: { steps: 3 },
  occlude: { window: 2, stride: 2, rectangles: 3 },
};

interface Made {
  readonly raw: Float32Array;
  readonly iterations: readonly number[];
  readonly success: readonly boolean[];
}

describe("attacks on webgpu do what they do on the chosen backend", function () {
  this.timeout(60_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  for (const [name, { attack }] of Object.entries(attackMethods)) {
    it(name, async () => {
      const model = tinyModel(tinyWeights("relu")),
        pixels = tinyPixelsOf(2);
      const made = async (): Promise<Made> => {
        const images = tinyImages(pixels),
          result = await attack(model, images, options[name] as AttackOptions);
        const { iterations, success } = result,
          raw = Float32Array.from((await result.raw.data()) as Float32Array);
        result.dispose();
        images.dispose();
        return { raw, iterations, success };
      };
      const expected = await onChosen(made);
      let found: Made | undefined;
      expect(
        await tensorsLeft(async () => {
          found = await made();
        }),
      ).to.equal(0);
      expect(relativeError(found!.raw, expected.raw)).to.be.below(tolerance);
      expect([found!.iterations, found!.success]).to.deep.equal([expected.iterations, expected.success]);
    });
  }
});
