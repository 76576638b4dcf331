/** Labelled pictures outside the tensor engine, from which minibatches are cut. */
export interface LabelledPixels {
  /** Values in [0, 1], picture after picture, row-major, channels last. */
  readonly pixels: Float32Array;
  /** Class index of each picture. */
  readonly labels: ArrayLike<number>;
  /** [height, width, channels] of one picture. */
  readonly shape: readonly [number, number, number];
}
