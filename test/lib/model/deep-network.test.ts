import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { deepNetwork } from "../../../lib/model/architectures/deep-network";

describe("the deep network", () => {
  before(() => ready());

  it("has the filters, poolings and size that it is given", () => {
    const model = deepNetwork({ inputShape: [32, 32, 3], classes: 5, poolings: 3, filters: [4, 5, 6, 7, 8, 9] });
    const shapes = Object.fromEntries(
      model.layers.map(({ name, outputShape }) => [name, (outputShape as number[]).slice(1)]),
    );
    expect(shapes).to.deep.include({
      conv1: [32, 32, 4],
      pool1: [16, 16, 4],
      pool3: [4, 4, 6],
      conv4: [4, 4, 7],
      conv6: [4, 4, 9],
      features: [144],
      logits: [5],
    });
    expect(shapes).not.to.have.property("pool4");
    expect(model.countParams()).to.equal(
      [
        [3, 4],
        [4, 5],
        [5, 6],
        [6, 7],
        [7, 8],
        [8, 9],
      ].reduce((sum, [from, to]) => sum + 9 * from * to + to, 144 * 5 + 5),
    );
    model.dispose();
  });
});
