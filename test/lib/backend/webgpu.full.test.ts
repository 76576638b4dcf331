import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { backAsChosen, onChosen, onWebgpu } from "../../helpers/webgpu";
import { cases } from "./gradient-cases";
import { input, weighted } from "./numbers";

describe("gradients on webgpu against central differences of the chosen backend", function () {
  this.timeout(60_000);
  before("backend webgpu", async function () { await onWebgpu(this); });
  after("backend as chosen", backAsChosen);
  for (const [name, shape, f] of cases) {
    it(name, async () => {
      const before = tf.memory().numTensors;
      const score = (x: tf.Tensor): tf.Tensor => weighted(f(x));
      const expected = await onChosen(() => {
        const x = input(shape);
        try {
          return finiteDifference(score, x, 5e-3);
        } finally {
          x.dispose();
        }
      });
      const gradient = tf.tidy(() => tf.grad(score)(input(shape)));
      const found = await gradient.data();
      gradient.dispose();
      expect(relativeError(found, expected)).to.be.below(5e-3);
      expect(tf.memory().numTensors - before, "tensors left").to.equal(0);
    });
  }
});
