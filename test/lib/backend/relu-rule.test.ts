import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../../../lib/backend/input-gradient";
import { reluRule, setReluRule, type ReluRule } from "../../../lib/backend/relu-rule";
import { forEachBackend } from "../../helpers/backends";

const x = [-2, -0.5, 0, 0.5, 3, 6, 7, 2];
const dy = [1, -1, 5, -3, 4, 2, 2, -1];

/** The rules as their papers state them, a number at a time. */
const rules: Record<ReluRule, (x: number, dy: number, open: boolean) => number> = {
  standard: (_, dy, open) => (open ? dy : 0),
  guided: (_, dy, open) => (open && dy > 0 ? dy : 0),
  deconvolution: (_, dy) => (dy > 0 ? dy : 0),
};

describe("what passes backward through a ReLU", () => {
  forEachBackend(() => {
    for (const rule of Object.keys(rules) as ReluRule[]) {
      for (const [name, activation, ceiling] of [
        ["relu", tf.relu, Infinity],
        ["relu6", tf.relu6, 6],
      ] as const) {
        it(`${name}, ${rule}`, () => {
          tf.tidy(() => {
            const score = (x: tf.Tensor4D): tf.Tensor => activation(x).mul(tf.tensor4d(dy, [1, 2, 4, 1]));
            const gradient = inputGradient(score, tf.tensor4d(x, [1, 2, 4, 1]), rule).dataSync();
            const expected = x.map((value, i) => rules[rule](value, dy[i], value > 0 && value < ceiling) + 0);
            expect(Array.from(gradient, (value) => value + 0)).to.deep.equal(expected);
          });
        });
      }

      it(`a layers model with fused and separate activations, ${rule}`, () => {
        // score = Σ v · relu(a · x), so that with the rule r the gradient is a · r(a x, v).
        const a = 2,
          v = [1.5, -2.5];
        const model = tf.sequential({
          layers: [
            tf.layers.conv2d({ inputShape: [1, 1, 1], filters: 2, kernelSize: 1, activation: "relu", useBias: false }),
            tf.layers.conv2d({ filters: 1, kernelSize: 1, useBias: false }),
          ],
        });
        tf.tidy(() => model.setWeights([tf.tensor4d([a, -a], [1, 1, 1, 2]), tf.tensor4d(v, [1, 1, 2, 1])]));
        tf.tidy(() => {
          for (const value of [0.7, -0.7]) {
            const gradient = inputGradient(
              (x) => model.predict(x) as tf.Tensor,
              tf.tensor4d([value], [1, 1, 1, 1]),
              rule,
            ).dataSync()[0];
            const expected = [a, -a].reduce((sum, w, i) => sum + w * rules[rule](w * value, v[i], w * value > 0), 0);
            expect(gradient).to.be.closeTo(expected, 1e-5);
          }
        });
        model.dispose();
      });
    }

    it("is the derivative outside inputGradient, also after another rule was used", () => {
      tf.tidy(() => {
        inputGradient((x) => tf.relu(x), tf.ones([1, 1, 1, 1]), "deconvolution");
        expect(reluRule()).to.equal("standard");
        expect(
          tf
            .grad((x) => tf.relu(x).mul(-1))(tf.scalar(2))
            .dataSync()[0],
        ).to.equal(-1);
      });
    });

    it("does not depend on what an interrupted call left behind", () => {
      setReluRule("guided");
      tf.tidy(() => {
        expect(inputGradient((x) => tf.relu(x).mul(-1), tf.ones([1, 1, 1, 1])).dataSync()[0]).to.equal(-1);
      });
      expect(reluRule()).to.equal("standard");
    });

    it("is the outer call's again after a call inside its score", () => {
      tf.tidy(() => {
        const score = (x: tf.Tensor4D): tf.Tensor => {
          inputGradient((y) => tf.relu(y), tf.ones([1, 1, 1, 1]), "standard");
          return tf.relu(x).mul(-1);
        };
        expect(inputGradient(score, tf.ones([1, 1, 1, 1]), "guided").dataSync()[0] + 0).to.equal(0);
      });
    });

    it("has a second derivative", () => {
      tf.tidy(() => {
        // d²/dx² relu(x)³ = 6x
        const first = tf.grad((x) => tf.relu(x).pow(3));
        expect(
          tf
            .grad((x) => first(x))(tf.tensor1d([2, -1]))
            .dataSync()[0],
        ).to.be.closeTo(12, 1e-4);
      });
    });
  });
});
