import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import { predictedClasses, resolveTarget } from "../../../lib/model/target";
import { tensorsLeft } from "../../helpers/backends";
import { branched, messageOf, pictures, threeNames } from "./tiny-models";

const names = ["T-shirt/top", "Trouser", "Pullover", "cardigan", "crane", "Cardigan", "crane"];

describe("resolveTarget", () => {
  before(async () => {
    await ready();
  });

  it("takes an index or a name for all, or one for each", () => {
    expect(resolveTarget(3, names, 2)).to.deep.equal([3, 3]);
    expect(resolveTarget("Pullover", names, 1)).to.deep.equal([2]);
    expect(resolveTarget(["Trouser", 0, "T-shirt/top"], names, 3)).to.deep.equal([1, 0, 0]);
  });

  it("tells names that differ in case apart", () => {
    expect(resolveTarget(["cardigan", "Cardigan"], names, 2)).to.deep.equal([3, 5]);
  });

  const wrong: Array<[string, unknown, number, RegExp]> = [
    ["an unknown name", "pullovr", 1, /"pullovr".*Pullover \(2\)/],
    ["another case", "trouser", 1, /"trouser".*Trouser \(1\)/],
    ["a shared name", "crane", 1, /"crane".*Classes 4 and 6 share it/],
    ["an index too large", 7, 1, /target is 7.*0 to 6/],
    ["a negative index", -1, 1, /target is -1.*0 to 6/],
    ["a fraction", 1.5, 1, /target is 1\.5/],
    ["NaN", NaN, 1, /target is NaN/],
    ["too few", [1, 2], 3, /number of targets is 2.*3: one per image/],
    ["an empty list", [], 1, /number of targets is 0/],
    ["null", null, 1, /target is null/],
  ];
  for (const [title, target, count, message] of wrong) {
    it(`refuses ${title}`, async () => {
      expect(await messageOf(() => resolveTarget(target as never, names, count)))
        .to.match(message)
        .and.not.contain("\n");
    });
  }

  it("finds the predicted classes batch by batch, of equals the lowest index", async () => {
    const network = branched(),
      model = fromLayersModel(network, { classNames: threeNames });
    const x = pictures([5, 5, 5, 2]);
    const expected = Array.from((network.predict(x) as tf.Tensor).argMax(1).dataSync());
    for (const batchSize of [1, 2, 5, 100]) {
      expect(
        await tensorsLeft(async () => expect(await predictedClasses(model, x, batchSize)).to.deep.equal(expected)),
      ).to.equal(0);
    }
    const last = network.getLayer("scores");
    last.setWeights([tf.zeros([75, 3]), tf.tensor1d([0, 2, 2])]);
    expect(await predictedClasses(model, x)).to.deep.equal([1, 1, 1, 1, 1]);
  });
});
