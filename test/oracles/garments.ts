import type { Context } from "mocha";
import { drawStandIns } from "../../lib/data/fashion-mnist";
import type { LabelledImages } from "../../lib/data/labelled-images";
import type { NdArray } from "../../lib/data/nd-array";
import { random } from "../../lib/core/random";
import { realFashionMnist } from "../helpers/real-data";

/** Chosen garments with their labels. */
export type Garments = (indices: readonly number[]) => Promise<{ images: NdArray; labels: number[] }>;

/** The generator's: they may be kept in the repository, and are there with the data set and without. */
export const drawnGarments: Garments = async (indices) => {
  const drawn = await drawStandIns({ count: Math.max(...indices) + 1 }),
    size = 28 * 28;
  const all = drawn.images.dataSync();
  const chosen = indices.map((index) => all.subarray(index * size, (index + 1) * size));
  const data = Float32Array.from(chosen.flatMap((values) => Array.from(values)));
  drawn.dispose();
  return { images: imagesOf(data), labels: indices.map((index) => drawn.labels[index]) };
};

/** The data set's own. */
export const realGarments =
  (context: Context): Garments =>
  async (indices) => {
    const data: LabelledImages = await realFashionMnist(context, { split: "test", indices: [...indices] });
    const images = imagesOf(Float32Array.from(data.images.dataSync()));
    data.dispose();
    return { images, labels: data.labels };
  };

/**
 * The garments with a little noise on them. A flat background makes all four values of a max-pooling equal but for
 * their last bit, which each processor's kernels round in their own way: integrated gradients from a flat grey then
 * differed by 2e-2 on one machine and by 1e-7 on another, and PyTorch's own float32 from its float64 by 0.13.
 * @param share of the noise
 */
export function dithered(images: NdArray, share = 0.05): NdArray {
  const { uniform } = random(11);
  const noisy = (value: number): number => (1 - share) * value + share * uniform();
  return imagesOf(Float32Array.from(images.data as Float32Array, noisy));
}

export const imagesOf = (data: Float32Array): NdArray => ({
  dtype: "float32",
  shape: [data.length / (28 * 28), 28, 28, 1],
  data,
});

export const classesOf = (labels: readonly number[]): NdArray => ({
  dtype: "int32",
  shape: [labels.length],
  data: Int32Array.from(labels),
});

/** What both sides compute with. */
export const deepNetwork = {
  path: "models/fashion-deep",
  files: ["test/helpers/fashion_deep.py", "models/fashion-deep/model.json", "models/fashion-deep/weights.bin"],
};
