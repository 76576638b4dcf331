import { expect } from "chai";
import { join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as first from "../../../lib/backend";

/** The library once more, as when its compiled form is loaded beside its sources, or a notebook reloads it. */
function secondCopy(): typeof first {
  const folder = join(__dirname, "../../../lib") + sep;
  const loaded = Object.entries(require.cache).filter(([file]) => file.startsWith(folder));
  for (const [file] of loaded) delete require.cache[file];
  try {
    return require("../../../lib/backend") as typeof first;
  } finally {
    for (const [file] of Object.entries(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
    for (const [file, module] of loaded) require.cache[file] = module;
  }
}

describe("two copies of the library in one process", () => {
  it("agree on the backend, the gradients and the rule", async () => {
    const choice = await first.ready();
    const second = secondCopy();
    expect(second.inputGradient).to.not.equal(first.inputGradient);
    expect(await second.ready()).to.equal(choice);
    tf.tidy(() => {
      // Guided: nothing passes, as the gradient that comes in is negative.
      for (const { inputGradient } of [first, second]) {
        const gradient = (rule: first.ReluRule): number =>
          inputGradient((x) => tf.relu(x).mul(-1), tf.ones([1, 1, 1, 1]), rule).dataSync()[0] + 0;
        expect([gradient("guided"), gradient("standard")]).to.deep.equal([0, -1]);
        const norm = (x: tf.Tensor4D): tf.Tensor => tf.batchNorm(x, [0], [1], undefined, undefined, 0);
        expect(inputGradient(norm, tf.ones([1, 1, 1, 1])).dataSync()[0]).to.equal(1);
      }
    });
  });
});
