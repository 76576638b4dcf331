import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { expect } from "chai";
import { ready } from "../../lib/backend";
import { loadModel } from "../../lib/model/load-model";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { evaluate } from "../../lib/training/model-card";
import { realFashionMnist } from "../helpers/real-data";

const folder = path.join(__dirname, "../../models/fashion-activations");
const kinds = ["relu", "tanh", "sigmoid", "boundary", "noise"];
/** The share that is right, in per cent, as the card's table says. */
const said = (name: string): number =>
  Number(
    new RegExp(`^\\| ${name} \\| ([\\d.]+) % \\|`, "m").exec(readFileSync(path.join(folder, "CARD.md"), "utf8"))?.[1],
  );

describe("models: small garment networks of several activations", function () {
  this.timeout(120_000);
  before(() => ready());

  it("load by their names; together they take less than 300 kB", async () => {
    for (const kind of kinds) {
      const model = await loadModel(`fashion-activations:${kind}`);
      expect(model.classNames).to.have.length(10);
      model.dispose();
    }
    expect(
      kinds.map((kind) => statSync(path.join(folder, kind, "weights.bin")).size).reduce((a, b) => a + b),
    ).to.be.below(3e5);
  });

  it("are as right as their card says", async function () {
    const { images, labels, dispose } = await realFashionMnist(this, { split: "test" });
    const test = {
      pixels: (await images.data()) as Float32Array,
      labels,
      shape: [28, 28, 1] as [number, number, number],
    };
    dispose();
    for (const kind of kinds) {
      const model = await readLayersModel(path.join(folder, kind));
      expect(100 * (await evaluate(model, test)).accuracy, kind).to.be.closeTo(said(kind), 0.05);
      model.dispose();
    }
  });
});
