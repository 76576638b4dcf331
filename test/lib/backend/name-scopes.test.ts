import { Script } from "node:vm";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { resetBackendState } from "../../../lib/backend/interrupts/reset";
import { tensorsLeft } from "../../helpers/backends";

/** Never ends. */
class Endless extends tf.layers.Layer {
  static className = "Endless";

  override call(): tf.Tensor {
    for (;;);
  }
}

describe("names of weights after an interrupt in the middle of a layer", () => {
  before(async () => {
    await ready();
  });

  it("are what they would be without it", async () => {
    const layer = new Endless({ name: "endless" });
    Object.assign(globalThis, {
      beginsEndless: () =>
        tf.tidy(() => {
          layer.apply(tf.zeros([1, 1]));
        }),
    });
    // A time-out ends it as the kernel's interrupt does: no catch and no finally runs.
    expect(() => new Script("beginsEndless()").runInThisContext({ timeout: 100 })).to.throw(/timed out/);
    resetBackendState();
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], name: "later" })] });
    expect(network.weights.map(({ originalName }) => originalName)).to.deep.equal(["later/kernel", "later/bias"]);
    network.dispose();
    expect(await tensorsLeft(resetBackendState)).to.equal(0);
  });
});
