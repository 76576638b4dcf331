import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { loadFlowerPhotograph, MissingDataError } from "../../../lib/data";

describe("loadFlowerPhotograph", function () {
  this.timeout(300_000);

  it("is a bright orange flower before a dark blue-green ground, and one tensor", async function () {
    const before = tf.memory().numTensors;
    let image: tf.Tensor4D;
    try {
      image = await loadFlowerPhotograph({ size: 64 });
    } catch (error) {
      if (!(error instanceof MissingDataError)) throw error;
      if (this.test) this.test.title += ` — skipped: ${error.message.split("\n")[0]}`;
      return this.skip();
    }
    expect(image.shape).to.deep.equal([1, 64, 64, 3]);
    expect(tf.memory().numTensors - before).to.equal(1);
    const [[middle, corner]] = [[[26, 26], [2, 2]].map(([y, x]) => Array.from(tf.tidy(() => tf.mean(image.slice([0, y, x], [1, 6, 6]), [0, 1, 2]).dataSync())))];
    expect(middle[0], "red").to.be.above(0.5).and.above(2 * corner[0]);
    expect(middle[0]).to.be.above(1.5 * middle[2]);
    expect(Math.max(...corner), "dark").to.be.below(0.4);
    image.dispose();
  });
});
