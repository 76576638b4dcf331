import { expect } from "chai";
import { evaluate } from "../../../lib/training/model-card";
import { train } from "../../../lib/training/train";
import { spotNetwork, spots } from "../../helpers/spots";
import { backAsChosen, onWebgpu } from "../../helpers/webgpu";

describe("training on webgpu, to the end", function () {
  this.timeout(300_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  it("learns what can be learnt", async () => {
    const model = spotNetwork(),
      data = spots(200, 1),
      test = spots(200, 2);
    const before = await evaluate(model, test);
    await train(model, data, { epochs: 8, batchSize: 16, learningRate: 0.02, seed: 3 });
    const after = await evaluate(model, test);
    model.dispose();
    expect(before.accuracy).to.be.below(0.75);
    expect(after.accuracy).to.be.above(0.95);
  });
});
