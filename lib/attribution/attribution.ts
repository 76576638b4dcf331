import type * as tf from "@tensorflow/tfjs";
import type { ProgressReport } from "../course/progress";

/** A class: its index, or its name (case-sensitive; a name that two classes share is refused with both indices). */
export type ClassRef = number | string;

/** One class for all images, or one per image. */
export type Target = ClassRef | readonly ClassRef[];

/** Options every attribution method takes. */
export interface AttributionOptions {
  /** The class whose logit is explained. Default: each image's predicted class (ties: the lowest index). */
  target?: Target;
  /** Most images, or perturbed images, in one pass through the model: bounds memory. Integer ≥ 1. Default: 25 of
   * 224 × 224 or larger, more of smaller ones, 256 at most (28 × 28). */
  batchSize?: number;
  /** Called as work is done. Default: for work longer than a second a bar in the notebook, or a line on a
   * terminal. */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

/** What every attribution method returns. The caller owns `values` (and `convergenceDelta`) and disposes of them. */
export interface Attribution<Options = AttributionOptions> {
  /** Signed, in the shape of the images [batch, height, width, channels] (layer methods: that layer's resolution). */
  readonly values: tf.Tensor4D;
  /** Index of the class explained, one per image. */
  readonly target: readonly number[];
  /** Kebab-case name of the method: `integrated-gradients`. */
  readonly method: string;
  /** The options that decided the result, defaults filled in; `target` as indices. */
  readonly options: Readonly<Options>;
  /** Integrated gradients: sum of values minus (logit(x) − logit(baseline)), one per image. [batch] */
  readonly convergenceDelta?: tf.Tensor1D;
  /** Frees the tensors. */
  dispose(): void;
}
