import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { ready } from "../../lib/backend";
import { loadModel } from "../../lib/model/load-model";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { evaluate } from "../../lib/training/model-card";
import { halved, labelled, side } from "../../models/critic/network";
import { realImagenet } from "../helpers/real-data";

const folder = path.join(__dirname, "../../models/critic");

describe("the critic", function () {
  this.timeout(120_000);
  before(() => ready());

  it("is as right on photographs of another kind than it learnt from as its card says", async function () {
    const { images, dispose } = await realImagenet(this);
    const pixels = await halved(images).finally(dispose),
      model = await readLayersModel(folder);
    const { accuracy } = await evaluate(model, labelled([[pixels, 1]]));
    model.dispose();
    const [, said] =
      /this one\)[^\n]*ImageNet's photographs (\d+) %/.exec(readFileSync(path.join(folder, "CARD.md"), "utf8")) ?? [];
    expect(100 * accuracy).to.be.closeTo(Number(said), 3);
    expect(accuracy).to.be.above(0.7);
  });

  it("loads by its name, with its classes, below 300 kB", async () => {
    const model = await loadModel("critic");
    expect(model.classNames).to.deep.equal(["visualization", "photograph"]);
    expect(model.inputShape).to.deep.equal([side, side, 3]);
    expect(statSync(path.join(folder, "weights.bin")).size).to.be.below(3e5);
    model.dispose();
  });
});
