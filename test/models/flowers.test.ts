import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { ready } from "../../lib/backend";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { loadModel } from "../../lib/model/load-model";
import { evaluate } from "../../lib/training/model-card";
import { pixelsOf } from "../../lib/training/recording/training-data";
import { realFlowers } from "../helpers/real-data";

const folder = path.join(__dirname, "../../models/flowers-deep");

describe("the model trained on the flower photographs", function () {
  this.timeout(300_000);
  before(() => ready());

  it("is as right on held-out photographs as its card says, class by class, and above 80 %", async function () {
    const model = await readLayersModel(folder);
    const [, size] = model.inputs[0].shape as number[];
    const flowers = await realFlowers(this, { size });
    const evaluation = await evaluate(model, await pixelsOf(flowers, "test"));
    await flowers.close();
    model.dispose();
    const card = readFileSync(path.join(folder, "CARD.md"), "utf8");
    expect(100 * evaluation.accuracy).to.be.closeTo(Number(/Test accuracy \| \*\*([\d.]+) %/.exec(card)?.[1]), 0.2);
    expect(evaluation.accuracy).to.be.above(0.8);
    const rows = flowers.classNames.map(
      (name) => new RegExp(`^\\| ${name} \\|.*\\*\\*(\\d+)\\*\\*`, "m").exec(card)?.[1],
    );
    rows.forEach((right, label) =>
      expect(Number(right), flowers.classNames[label]).to.be.closeTo(evaluation.confusion[label][label], 1),
    );
  });

  for (const classes of [
    ["roses", "dandelion"],
    ["sunflowers", "tulips"],
    ["tulips", "roses"],
  ]) {
    it(`the one for ${classes.join(" and ")} is as right on held-out photographs as its card says`, async function () {
      const name = classes.join("-"),
        model = await readLayersModel(path.join(folder, "../flowers-pairs", name));
      const flowers = await realFlowers(this, { size: 96, classes });
      const { accuracy, confusion } = await evaluate(model, await pixelsOf(flowers, "test"));
      await flowers.close();
      model.dispose();
      const card = readFileSync(path.join(folder, "../flowers-pairs/CARD.md"), "utf8")
        .split(/^## /m)
        .find((section) => section.startsWith(classes.join(" and ")))!;
      const [, percent, count] = /\*\*([\d.]+) %\*\* of (\d+) photographs held out/.exec(card) ?? [];
      expect(confusion.flat().reduce((a, b) => a + b, 0)).to.equal(Number(count));
      // One photograph more or less: other processors round otherwise.
      expect(100 * accuracy).to.be.closeTo(Number(percent), 150 / Number(count));
      const byName = await loadModel(`flowers-${name}`);
      expect(byName.classNames).to.have.members(classes);
      byName.dispose();
    });
  }

  it("loads by its name, with its classes, in 8-bit form below 2 MB", async () => {
    const model = await loadModel("flowers-deep");
    expect(model.classNames).to.deep.equal(["daisy", "dandelion", "roses", "sunflowers", "tulips"]);
    expect(model.inputShape[2]).to.equal(3);
    expect(statSync(path.join(folder, "weights.bin")).size).to.be.below(2e6);
    model.dispose();
  });
});
