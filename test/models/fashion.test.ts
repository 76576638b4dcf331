import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../lib/backend";
import { drawStandIns } from "../../lib/data/fashion-mnist";
import { readLayersModel } from "../../lib/data/read-layers-model";
import { evaluate, type Evaluation } from "../../lib/training/evaluate";
import { realFashionMnist } from "../helpers/real-data";

const folder = (name: string): string => path.join(__dirname, "../../models", name);
const card = (name: string): string => readFileSync(path.join(folder(name), "CARD.md"), "utf8");

describe("the models trained on Fashion-MNIST", function () {
  this.timeout(300_000);
  before(() => ready());

  const evaluations = new Map<string, Evaluation>();
  for (const name of ["fashion-deep", "fashion-alexnet"]) {
    it(`${name} is as right on the 10,000 test images as its card says, class by class`, async function () {
      const { images, labels, dispose } = await realFashionMnist(this, { split: "test" });
      const pixels = (await images.data()) as Float32Array;
      dispose();
      const model = await readLayersModel(folder(name));
      const evaluation = await evaluate(model, { pixels, labels, shape: [28, 28, 1] });
      model.dispose();
      evaluations.set(name, evaluation);
      const claimed = Number(/Test accuracy \| \*\*([\d.]+) %/.exec(card(name))?.[1]);
      expect(100 * evaluation.accuracy).to.be.closeTo(claimed, 0.05);
      const rows = card(name)
        .split("\n")
        .filter((line) => /\*\*\d+\*\*/.test(line) && line.startsWith("|"))
        .slice(-10);
      rows.forEach((row, label) => {
        const right = Number(/\*\*(\d+)\*\*/.exec(row)?.[1]);
        expect(right, row).to.be.closeTo(evaluation.confusion[label][label], 3);
      });
      expect(rows).to.have.length(10);
    });
  }

  it("fashion-deep is above 92 %, as promised, with about 180,000 parameters", async function () {
    if (!evaluations.has("fashion-deep")) this.skip();
    expect(evaluations.get("fashion-deep")!.accuracy).to.be.above(0.92);
    const model = await readLayersModel(folder("fashion-deep"));
    expect(model.countParams()).to.be.within(170_000, 190_000);
    model.dispose();
  });

  it("fashion-alexnet has more than 10 million parameters in 8-bit form", async () => {
    const model = await readLayersModel(folder("fashion-alexnet"));
    expect(model.countParams()).to.be.above(10_000_000);
    expect(statSync(path.join(folder("fashion-alexnet"), "weights.bin")).size).to.be.below(1.1 * model.countParams());
    model.dispose();
  });
});

describe("stand-in garments", () => {
  before(() => ready());

  it("are garments: the deep network, which never saw one, takes most for what they stand for", async () => {
    const { images, labels, source, dispose } = await drawStandIns({ count: 500, seed: 5 });
    expect(source).to.equal("stand-in");
    const pixels = (await images.data()) as Float32Array;
    dispose();
    const [least, most] = pixels.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [1, 0]);
    expect(least).to.equal(0);
    expect(most).to.be.within(0.8, 1);
    const model = await readLayersModel(folder("fashion-deep"));
    const { accuracy } = await evaluate(model, { pixels, labels, shape: [28, 28, 1] });
    model.dispose();
    expect(accuracy, "accuracy").to.be.above(0.65);
  });

  it("differ among each other, repeat with a seed, and leave no tensors behind", async () => {
    const tensors = tf.memory().numTensors;
    const [a, b, c] = [
      await drawStandIns({ count: 20, seed: 3 }),
      await drawStandIns({ count: 20, seed: 3 }),
      await drawStandIns({ count: 20, seed: 4 }),
    ];
    const difference = (x: tf.Tensor, y: tf.Tensor): number => tf.tidy(() => x.sub(y).abs().mean().dataSync()[0]);
    expect(difference(a.images, b.images)).to.be.below(1e-6);
    expect(difference(a.images, c.images)).to.be.above(0.02);
    expect(tf.tidy(() => difference(a.images.slice([0], [10]), a.images.slice([10], [10])))).to.be.above(0.02);
    for (const drawn of [a, b, c]) drawn.dispose();
    expect(tf.memory().numTensors).to.equal(tensors);
  });
});
