import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { VisionModel } from "../../../lib/model/vision-model";
import { classVisualization } from "../../../lib/visualize";
import { tensorsLeft } from "../../helpers/backends";
import { realModel } from "../../helpers/real-data";

const classes = ["tarantula", "hourglass"];

describe("class visualization of SqueezeNet, the course's settings", function () {
  this.timeout(300_000);
  let model: VisionModel;
  before(async function () {
    model = await realModel(this, "squeezenet1_1");
  });
  after(() => model?.dispose());

  it("makes the network certain of the classes asked for, 0.99 and more, in 200 iterations", async function () {
    const began = Date.now();
    let said: number[] = [];
    expect(
      await tensorsLeft(async () => {
        const result = await classVisualization(model, classes, {
          iterations: 200,
          learningRate: 25,
          l2Regularization: 1e-3,
          blurEvery: 10,
          jitter: 16,
          seed: 1,
        });
        said = tf.tidy(() =>
          (model.probabilities(result.image).arraySync() as number[][]).map(
            (row, i) => row[model.classNames.indexOf(classes[i])],
          ),
        );
        result.dispose();
      }),
    ).to.equal(0);
    this.test!.title +=
      ` (${said.map((probability) => probability.toFixed(5)).join(", ")}; ` +
      `${((Date.now() - began) / 1000).toFixed(0)} s)`;
    for (const probability of said) expect(probability).to.be.at.least(0.99);
  });
});
