import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { forEachBackend } from "../../helpers/backends";
import { finiteDifference, keptDifferences, relativeError } from "../../helpers/finite-difference";
import { cases } from "./gradient-cases";
import { input, weighted } from "./numbers";

describe("gradients against central differences", () => {
  const differences = keptDifferences();
  forEachBackend(() => {
    for (const [name, shape, f] of cases) {
      it(name, () => {
        const before = tf.memory().numTensors;
        tf.tidy(() => {
          const x = input(shape);
          const score = (x: tf.Tensor): tf.Tensor => weighted(f(x));
          const gradient = tf.grad(score)(x).dataSync();
          expect(
            relativeError(
              gradient,
              differences(name, () => finiteDifference(score, x, 5e-3)),
            ),
          ).to.be.below(5e-3);
        });
        expect(tf.memory().numTensors - before, "tensors left").to.equal(0);
      });
    }
    // cpu first, where the differences of so few numbers take the least time.
  }, ["cpu", "wasm", "tensorflow"]);
});
