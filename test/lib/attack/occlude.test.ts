import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { targeted } from "../../../lib/attack/criterion";
import { occlude } from "../../../lib/attack/occlude";
import { tinyImages, tinyModel, tinyPixels, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, oracleLogits } from "../../helpers/tiny-oracle";

const weights = tinyWeights("relu"),
  model = tinyModel(weights);
const [height, width, channels] = [6, 5, 2];
const argmax = (values: ArrayLike<number>): number => Array.from(values).indexOf(Math.max(...Array.from(values)));

const secondClass = (pixels: ArrayLike<number>): number => {
  const logits = Array.from(oracleLogits(weights, pixels));
  return logits.indexOf([...logits].sort((a, b) => b - a)[1]);
};

/** The greedy search once more, one image and one rectangle at a time, on the network that needs no TensorFlow. */
function slowSearch(
  pixels: ArrayLike<number>,
  {
    window: [h, w],
    stride,
    value,
    rectangles,
    target,
  }: { window: [number, number]; stride: number; value: number; rectangles: number; target?: number },
) {
  const leave = argmax(oracleLogits(weights, pixels));
  const marginOf = (image: ArrayLike<number>): number => {
    const logits = Array.from(oracleLogits(weights, image)),
      own = logits[target ?? leave];
    const other = Math.max(...logits.filter((_, c) => c !== (target ?? leave)));
    return target === undefined ? own - other : other - own;
  };
  const positions = (side: number, size: number): number[] =>
    Array.from({ length: Math.ceil((side - size) / stride) + 1 }, (_, i) => i * stride);
  const places = positions(height, h).flatMap((y) => positions(width, w).map((x) => [y, x]));
  const covered = (image: ArrayLike<number>, [top, left]: number[]): number[] =>
    Array.from(image, (old, at) => {
      const y = Math.floor(at / (width * channels)),
        x = Math.floor(at / channels) % width;
      return y >= top && y < top + h && x >= left && x < left + w ? value : old;
    });
  let image: ArrayLike<number> = pixels,
    used = 0;
  const taken = new Set<number[]>();
  while (used < rectangles && marginOf(image) >= 0) {
    const free = places.filter((place) => !taken.has(place));
    const margins = free.map((place) => marginOf(covered(image, place)));
    const best = free[margins.indexOf(Math.min(...margins))];
    taken.add(best);
    image = covered(image, best);
    used++;
  }
  return { image: Array.from(image), used, fooled: marginOf(image) < 0 };
}

describe("occlude against a slow search", () => {
  const pixels = tinyPixelsOf(8);
  const cases = [
    { window: [2, 2] as [number, number], stride: 1, value: 0, rectangles: 1 },
    { window: [2, 3] as [number, number], stride: 2, value: 1, rectangles: 4 },
    { window: [3, 3] as [number, number], stride: 2, value: 0.5, rectangles: 3, second: true },
  ];
  for (const entry of cases) {
    it(JSON.stringify(entry), async () => {
      const images = tinyImages(pixels);
      const { second, ...options } = { second: false, ...entry };
      const targets = eachImage(pixels).map(secondClass);
      const result = await occlude(model, images, {
        ...options,
        ...(second && { criterion: targeted(targets) }),
        batchSize: 7,
      });
      const got = result.clipped.dataSync();
      eachImage(pixels).forEach((image, i) => {
        const wanted = slowSearch(image, { ...entry, ...(second && { target: targets[i] }) });
        expect(result.iterations[i], `rectangles on image ${i}`).to.equal(wanted.used);
        expect(result.success[i]).to.equal(wanted.fooled);
        wanted.image.forEach((value, at) => expect(got[i * tinyPixels + at]).to.be.closeTo(value, 1e-6));
        const changed = new Set(
          wanted.image.flatMap((value, at) => (Math.abs(value - image[at]) > 1e-6 ? [Math.floor(at / channels)] : [])),
        );
        expect(result.distance[i]).to.equal(changed.size);
      });
      expect(result.success).to.include(true);
      tf.dispose([images, result.raw, result.clipped]);
    });
  }

  it("of places that change the margin alike, the first is covered, row by row", async () => {
    // Every pixel counts the same, by numbers that add up without rounding.
    const logits = (images: tf.Tensor4D): tf.Tensor2D =>
      tf.tidy(() => {
        const sum = tf.sum(tf.reshape(images, [images.shape[0], -1]), 1, true);
        return tf.concat([sum, tf.sub(59, sum)], 1) as tf.Tensor2D;
      });
    const even = {
      ...model,
      classNames: ["bright", "dark"],
      logits,
      probabilities: (images: tf.Tensor4D) => tf.tidy(() => tf.softmax(logits(images))),
    };
    const images = tf.fill<tf.Rank.R4>([1, height, width, channels], 0.5);
    const result = await occlude(even, images, { window: [2, 2], stride: 1, rectangles: 2, value: 0.25 });
    const changed = Array.from(result.clipped.dataSync()).flatMap((value, at) => (value === 0.5 ? [] : [at]));
    const cells = new Set(changed.map((at) => Math.floor(at / channels)));
    expect(result.iterations).to.deep.equal([1]);
    expect([...cells]).to.deep.equal([0, 1, width, width + 1]);
    tf.dispose([images, result.raw, result.clipped]);
  });
});
