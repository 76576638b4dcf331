import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "../../../lib/model/vision-model";
import { maximize, objectives, parametrizations, type Transform } from "../../../lib/visualize";
import { identity, type Affine } from "../../../lib/visualize/transforms";

const [height, width] = [5, 5],
  [row, column] = [2, 4];

/** Its first logit is one pixel of what it is shown: whatever changes in the image is where that pixel came from. */
const onePixel: VisionModel = {
  name: "one pixel",
  inputShape: [height, width, 1],
  bounds: [0, 1],
  classNames: ["the pixel", "nothing"],
  logits: (images: tf.Tensor4D) =>
    tf.tidy(() => {
      const pixel = tf.reshape(tf.slice(images, [0, row, column, 0], [-1, 1, 1, 1]), [-1, 1]);
      return tf.concat([pixel, tf.zerosLike(pixel)], 1) as tf.Tensor2D;
    }),
  probabilities: (images) => tf.tidy(() => tf.softmax(onePixel.logits(images))),
  predict: () => {
    throw new Error("not needed");
  },
  layers: () => [],
  activations: () => {
    throw new Error("not needed");
  },
  dispose: () => undefined,
};

const fixed = (name: string, affine: Partial<Affine>): Transform => ({
  name,
  draw: () => ({ ...identity, ...affine }),
});
const shift = fixed("a pixel to the left", { dx: 1 }),
  magnify = fixed("twice as large", { a: 0.5, d: 0.5 });

async function changedBy(transforms: Transform[]): Promise<number[]> {
  const image = tf.fill<tf.Rank.R4>([1, height, width, 1], 0.5);
  const result = await maximize(onePixel, objectives.logit(0), {
    iterations: 1,
    learningRate: 0.1,
    initImage: image,
    parametrization: parametrizations.pixels(),
    transforms,
    regularizers: [],
  });
  const values = Array.from(result.image.dataSync());
  result.dispose();
  image.dispose();
  return values.flatMap((value, at) => (Math.abs(value - 0.5) > 1e-4 ? [at] : []));
}

describe("transforms of a list", () => {
  const at = (x: number): number => width * row + x;

  it("act one after the other, in the order of the list", async () => {
    expect(await changedBy([])).to.deep.equal([at(4)]);
    // Magnified last: two pixels right of the middle shows what was one pixel right of it, which the shift took from
    // two.
    expect(await changedBy([shift, magnify])).to.deep.equal([at(4)]);
    // Shifted last: it shows what is three pixels right of the middle once magnified, one and a half in the image.
    expect(await changedBy([magnify, shift])).to.deep.equal([at(3), at(4)]);
  });
});
