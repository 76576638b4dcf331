import type * as tf from "@tensorflow/tfjs";

/** Pictures with their classes. */
export interface LabelledImages {
  /** [count, height, width, channels], float32 in [0, 1]. */
  readonly images: tf.Tensor4D;
  /** Class index of each image. */
  readonly labels: number[];
  readonly classNames: string[];
  /**
   * `official`: the published data set. `stand-in`: drawn by a generator, `substitute`: other photographs; neither is
   * ever to
   * be counted in an accuracy.
   */
  readonly source: "official" | "stand-in" | "substitute";
  /** Frees `images`. */
  dispose(): void;
}
