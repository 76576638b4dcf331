// What a network itself tells of the values that it takes, for those who wonder whether it is given the right ones.
import type * as tf from "@tensorflow/tfjs";

export interface InputEvidence {
  /** What it does to its input before anything else: input · scale + offset. */
  readonly rescaling?: Rescaling;
  /** The first batch normalization, which knows what came before it in training. */
  readonly norm?: SeenInTraining;
}

export interface Rescaling {
  readonly layer: string;
  readonly scale: number;
  readonly offset: number;
}

export interface SeenInTraining {
  readonly layer: string;
  /** One for each channel: the moving averages. */
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  /** What goes into it. A pure function of tensors; the caller tidies. @param input preprocessed */
  before(input: tf.Tensor): tf.Tensor;
}
