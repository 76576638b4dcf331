import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../lib/backend/input-gradient";
import { forEachBackend } from "../../helpers/backends";
import { weights } from "./numbers";

describe("batchNorm layers that leave out scale or offset", () => {
  forEachBackend(() => {
    for (const [scale, center] of [
      [false, true],
      [true, false],
      [false, false],
    ]) {
      it(`have a gradient with scale: ${String(scale)}, center: ${String(center)}`, () => {
        const before = tf.memory().numTensors;
        const layer = tf.layers.batchNormalization({ inputShape: [1, 1, 2], scale, center, epsilon: 0 });
        const model = tf.sequential({ layers: [layer] });
        // Moving mean 1 and 2, variance 4 and 9; scale 3 and 5 where there is one.
        const [mean, variance] = [
          [1, 2],
          [4, 9],
        ];
        const rest = [...(scale ? [[3, 5]] : []), ...(center ? [[7, 8]] : [])];
        tf.tidy(() => model.setWeights([...rest, mean, variance].map((w) => tf.tensor1d(w))));
        const x = tf.tensor4d([0.5, -0.5], [1, 1, 1, 2]);
        const gradient = inputGradient((x) => (model.predict(x) as tf.Tensor).mul([1, 10]), x);
        expect(Array.from(gradient.dataSync(), (value) => Number(value.toFixed(4)))).to.deep.equal(
          scale ? [1.5, 16.6667] : [0.5, 3.3333],
        );
        tf.dispose([x, gradient]);
        model.dispose();
        expect(tf.memory().numTensors - before).to.equal(0);
      });
    }
  });
});

describe("training a small convolutional network", () => {
  let elsewhere: number[] | undefined;

  forEachBackend(() => {
    it("learns to tell horizontal from vertical stripes, step for step as on the others", async () => {
      const before = tf.memory().numTensors;
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
          tf.layers.batchNormalization({ momentum: 0.5 }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.depthwiseConv2d({ kernelSize: 3, activation: "relu6" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2, activation: "softmax" }),
        ],
      });
      const optimizer = tf.train.sgd(0.2);
      // Not batchNorm's own: its scale and offset are 2 and 3, its moving averages come last.
      tf.tidy(() =>
        model.setWeights(
          model.getWeights().map((w, i) => (i < 2 || (i > 3 && i < 8) ? weights(...w.shape).mul(0.3) : w)),
        ),
      );
      model.compile({ optimizer, loss: "categoricalCrossentropy" });
      const x = tf.tensor4d(
        Float32Array.from({ length: 16 * 64 }, (_, i) => {
          const image = Math.floor(i / 64),
            row = Math.floor(i / 8) % 8,
            column = i % 8;
          return ((image % 2 ? row : column) + (image >> 1)) % 3 === 0 ? 1 : 0;
        }),
        [16, 8, 8, 1],
      );
      const y = tf.oneHot(
        Array.from({ length: 16 }, (_, i) => i % 2),
        2,
      );
      const losses: number[] = [];
      for (let step = 0; step < 30; step++) losses.push((await model.trainOnBatch(x, y)) as number);
      expect(losses[29]).to.be.below(losses[0] / 5);
      // The same steps on every backend.
      elsewhere ??= losses;
      losses.forEach((loss, step) => expect(loss).to.be.closeTo((elsewhere as number[])[step], 1e-3));
      const right = tf.tidy(() => (model.predict(x) as tf.Tensor).argMax(1).equal(y.argMax(1)).sum().dataSync()[0]);
      expect(right).to.equal(16);
      tf.dispose([x, y]);
      model.dispose();
      optimizer.dispose();
      expect(tf.memory().numTensors - before).to.equal(0);
    });
  });
});
