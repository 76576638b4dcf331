import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { ready } from "../../lib/backend";
import { loadModel } from "../../lib/model/load-model";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { evaluate } from "../../lib/training/model-card";
import { pixelsOf } from "../../lib/training/recording/training-data";
import { realFlowers } from "../helpers/real-data";

const folder = path.join(__dirname, "../../models/flowers-epochs");
const ages = [0, 1, 2, 5, 10, 20, 30, 40];
/** The share that is right, in per cent, as the card's table says. */
const said = (age: number): number =>
  Number(
    new RegExp(`^\\| ${age} \\| ([\\d.]+) % \\|`, "m").exec(readFileSync(path.join(folder, "CARD.md"), "utf8"))?.[1],
  );

describe("models: a flower network at eight ages", function () {
  this.timeout(300_000);
  before(() => ready());

  it("loads at each age, and at the last by its name alone; together they take less than 1 MB", async () => {
    for (const age of ages) (await loadModel(`flowers-epochs:epoch-${age}`)).dispose();
    const grown = await loadModel("flowers-epochs");
    expect(grown.name).to.equal("flowers-epochs, after 40");
    expect(grown.classNames).to.deep.equal(["daisy", "dandelion", "roses", "sunflowers", "tulips"]);
    grown.dispose();
    expect(
      ages.map((age) => statSync(path.join(folder, `epoch-${age}`, "weights.bin")).size).reduce((a, b) => a + b),
    ).to.be.below(1e6);
  });

  it("is as right at each age as its card says, and learns", async function () {
    const flowers = await realFlowers(this, { size: 96 }),
      test = await pixelsOf(flowers, "test");
    await flowers.close();
    for (const age of ages) {
      const model = await readLayersModel(path.join(folder, `epoch-${age}`));
      expect(100 * (await evaluate(model, test)).accuracy, `after ${age}`).to.be.closeTo(said(age), 0.4);
      model.dispose();
    }
    expect(said(40)).to.be.above(2 * said(0));
  });
});
