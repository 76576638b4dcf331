import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { forEachBackend } from "../../helpers/backends";

describe("backend selection", () => {
  forEachBackend((name) => {
    it("is the one that computes", () => {
      expect(tf.getBackend()).to.equal(name);
      const sum = tf.tidy(() => tf.tensor([1, 2, 3]).sum());
      expect(sum.dataSync()[0]).to.equal(6);
      sum.dispose();
    });
  });
});
