import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { loadImagenet } from "../../../lib/data";
import { loadModel } from "../../../lib/model/load-model";
import { saliency } from "../../../lib/attribution/saliency";
import { relativeError } from "../../helpers/finite-difference";
import { backAsChosen, onChosen, onWebgpu } from "../../helpers/webgpu";

describe("SqueezeNet on webgpu", function () {
  this.timeout(180_000);
  before("backend webgpu", async function () {
    await onWebgpu(this);
  });
  after("backend as chosen", backAsChosen);

  it("has the chosen backend's logits within 1e-5, and its saliency map but for pooling's near-ties", async () => {
    const [pixels, shape, logits, map] = await onChosen(async () => {
      const { images } = await loadImagenet();
      const image = tf.slice(images, 0, 1) as tf.Tensor4D;
      images.dispose();
      const model = await loadModel("squeezenet1_1"),
        scores = model.logits(image),
        made = await saliency(model, image, { target: 100 });
      const read = [await image.data(), image.shape, await scores.data(), await made.values.data()] as const;
      tf.dispose([image, scores]);
      made.dispose();
      model.dispose();
      return read;
    });
    const model = await loadModel("squeezenet1_1"),
      image = tf.tensor4d(Float32Array.from(pixels as Float32Array), shape);
    const scores = model.logits(image),
      made = await saliency(model, image, { target: 100 });
    expect(relativeError((await scores.data()) as Float32Array, logits as Float32Array)).to.be.below(1e-5);
    const found = (await made.values.data()) as Float32Array,
      expected = map as Float32Array;
    let apart = 0,
      size = 0;
    found.forEach((value, i) => {
      apart += Math.abs(value - expected[i]);
      size += Math.abs(expected[i]);
    });
    // Where two pixels of a window lie within rounding, either may be taken for the largest.
    expect(apart / size).to.be.below(1e-2);
    tf.dispose([image, scores]);
    made.dispose();
    model.dispose();
  });
});
