import { expect } from "chai";
import { train, type TrainOptions } from "../../../lib/training/train";
import { spotNetwork, spots } from "../../helpers/spots";
import { backAsChosen, onChosen, onWebgpu } from "../../helpers/webgpu";

describe("training on webgpu", function () {
  this.timeout(120_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  const options: TrainOptions = { epochs: 1, batchSize: 16, learningRate: 0.02, seed: 3 };

  it("takes the chosen backend's steps", async () => {
    const first = spots(48, 1),
      trained = async (): Promise<number[]> => {
        const model = spotNetwork();
        await train(model, first, options);
        const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
        model.dispose();
        return weights.flatMap((values) => Array.from(values));
      };
    const expected = await onChosen(trained),
      found = await trained();
    // Adam's first steps are as long whatever the gradient's size: where that is rounding alone, they may go either
    // way.
    const off = found.map((weight, i) => Math.abs(weight - expected[i])).sort((a, b) => a - b);
    expect(off[Math.floor(0.95 * off.length)]).to.be.below(1e-3);
  });
});
