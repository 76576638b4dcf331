import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { ready } from "../../lib/backend";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { loadModel } from "../../lib/model/load-model";
import { evaluate } from "../../lib/training/evaluate";
import { pixelsOf } from "../../lib/training/labelled-pixels";
import { realFlowers } from "../helpers/real-data";

const folder = path.join(__dirname, "../../models/flowers-deep");

describe("the model trained on the flower photographs", function () {
  this.timeout(300_000);
  before(() => ready());

  it("is as right on the photographs held out as its card says, class by class, and above 80 %, as promised", async function () {
    const model = await readLayersModel(folder);
    const [, size] = model.inputs[0].shape as number[];
    const flowers = await realFlowers(this, { size });
    const evaluation = await evaluate(model, await pixelsOf(flowers, "test"));
    await flowers.close();
    model.dispose();
    const card = readFileSync(path.join(folder, "CARD.md"), "utf8");
    expect(100 * evaluation.accuracy).to.be.closeTo(Number(/Test accuracy \| \*\*([\d.]+) %/.exec(card)?.[1]), 0.2);
    expect(evaluation.accuracy).to.be.above(0.8);
    const rows = flowers.classNames.map((name) => new RegExp(`^\\| ${name} \\|.*\\*\\*(\\d+)\\*\\*`, "m").exec(card)?.[1]);
    rows.forEach((right, label) => expect(Number(right), flowers.classNames[label]).to.be.closeTo(evaluation.confusion[label][label], 1));
  });

  it("loads by its name, with its classes, in 8-bit form below 2 MB", async () => {
    const model = await loadModel("flowers-deep");
    expect(model.classNames).to.deep.equal(["daisy", "dandelion", "roses", "sunflowers", "tulips"]);
    expect(model.inputShape[2]).to.equal(3);
    expect(statSync(path.join(folder, "weights.bin")).size).to.be.below(2e6);
    model.dispose();
  });
});
