import type { ImageFolder } from "../data/image-folder";

/** Labelled pictures, or inputs of another shape, outside the tensor engine: minibatches are cut from them. */
export interface LabelledPixels<Shape extends readonly number[] = readonly [number, number, number]> {
  /**
   * Values in [0, 1], picture after picture, row-major, channels last; of other inputs their numbers (of a text its
   * tokens).
   */
  readonly pixels: Float32Array;
  /** Class index of each picture. */
  readonly labels: ArrayLike<number>;
  /** Of one picture [height, width, channels]; of other inputs their own. */
  readonly shape: Shape;
}

/** Pictures read at a time: these are in memory twice. */
const together = 256;

/** One side of a folder's split, all of it in memory: 4 bytes a value. */
export async function pixelsOf(folder: ImageFolder, side: "train" | "test"): Promise<LabelledPixels> {
  const { [side]: set, shape } = folder,
    size = shape[0] * shape[1] * shape[2];
  const pixels = new Float32Array(set.count * size);
  for (let start = 0; start < set.count; start += together) {
    const some = await set.images(Array.from({ length: Math.min(together, set.count - start) }, (_, i) => start + i));
    try {
      pixels.set(await some.data(), start * size);
    } finally {
      some.dispose();
    }
  }
  return { pixels, labels: set.labels, shape };
}
