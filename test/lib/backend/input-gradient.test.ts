import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient, valueAndInputGradient } from "../../../lib/backend/input-gradient";
import { forEachBackend } from "../../helpers/backends";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { input, weights } from "./numbers";

const net = (x: tf.Tensor4D): tf.Tensor => {
  const first = tf.maxPool(tf.relu(tf.conv2d(x, weights<tf.Tensor4D>(3, 3, 1, 4), 1, "same")), 2, 2, "same");
  return tf.matMul(first.reshape([x.shape[0], -1]) as tf.Tensor2D, weights<tf.Tensor2D>(36, 3));
};

/** Without kinks, for finite differences. */
const smoothNet = (x: tf.Tensor4D): tf.Tensor =>
  tf.avgPool(tf.tanh(tf.conv2d(x, weights<tf.Tensor4D>(3, 3, 1, 4), 1, "same")), 2, 2, "same");

describe("inputGradient", () => {
  forEachBackend(() => {
    it("is the gradient of the sum of the scores, and leaves nothing else", () => {
      const x = input([2, 6, 6, 1]) as tf.Tensor4D;
      const before = tf.memory().numTensors;
      const gradient = inputGradient(smoothNet, x);
      expect(tf.memory().numTensors - before).to.equal(1);
      expect(gradient.shape).to.deep.equal(x.shape);
      expect(
        relativeError(
          gradient.dataSync(),
          finiteDifference((x) => smoothNet(x as tf.Tensor4D), x, 5e-3),
        ),
      ).to.be.below(5e-3);
      tf.dispose([x, gradient]);
    });

    it("gives each image its own gradient in a batch", () => {
      tf.tidy(() => {
        const x = input([3, 6, 6, 1]) as tf.Tensor4D;
        const batch = inputGradient(net, x).dataSync();
        const alone = tf.concat(tf.split(x, 3).map((one) => inputGradient(net, one as tf.Tensor4D))).dataSync();
        expect(relativeError(batch, alone)).to.be.below(1e-5);
      });
    });

    it("hands back the score as well", () => {
      const x = input([2, 6, 6, 1]) as tf.Tensor4D;
      const before = tf.memory().numTensors;
      const { value, gradient } = valueAndInputGradient(net, x, "guided");
      expect(tf.memory().numTensors - before).to.equal(2);
      tf.tidy(() => {
        expect(relativeError(value.dataSync(), net(x).dataSync())).to.be.below(1e-5);
        expect(relativeError(gradient.dataSync(), inputGradient(net, x, "guided").dataSync())).to.be.below(1e-5);
      });
      tf.dispose([x, value, gradient]);
    });

    it("leaves nothing when the score throws, when no gradient exists, or when the score ignores the image", () => {
      const x = input([1, 6, 6, 1]) as tf.Tensor4D;
      const failing: ((x: tf.Tensor4D) => tf.Tensor)[] = [
        (x) => {
          net(x);
          throw new Error("not today");
        },
        (x) => tf.topk(net(x), 2).values,
        () => tf.scalar(1),
      ];
      for (const score of failing) {
        const before = tf.memory().numTensors;
        expect(() => inputGradient(score, x, "guided")).to.throw(Error);
        expect(tf.memory().numTensors - before, String(score)).to.equal(0);
        // And the engine is as fit as before.
        tf.tidy(() => {
          expect(inputGradient((x) => x.square(), tf.fill([1, 1, 1, 1], 3)).dataSync()[0]).to.equal(6);
        });
      }
      x.dispose();
    });
  });
});
