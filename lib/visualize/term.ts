import type * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "../model/vision-model";
import type { Demands, Forward } from "./forward";

/** What a term looks at: the images themselves, and what the network made of them. */
export interface Seen extends Forward {
  /** [images, height, width, channels] in the model's bounds, before any transform. */
  readonly images: tf.Tensor4D;
  /** The same as the network sees them: after the transforms. */
  readonly shown: tf.Tensor4D;
}

/** A term of what is maximized, ready for one model and number of images. */
export interface ReadyTerm {
  /** What is fixed through a run (one-hot rows, weights), as tensors: a traced step would freeze numbers. */
  readonly inputs: readonly tf.Tensor[];
  /** Pure. @param inputs in the order of `inputs` @returns [images] */
  value(seen: Seen, inputs: readonly tf.Tensor[]): tf.Tensor1D;
}

/** A term of what is maximized: an objective, or a regularizer that is taken off. */
export interface Term {
  /** For people. */
  readonly name: string;
  readonly demands: Demands;
  /** False where it may do something else at every call: a run with it is not recorded as a graph. Default: true. */
  readonly pure?: boolean;
  /**
   * @param images how many are worked on at once @throws BadInputError where the term does not fit the model or the
   * number
   */
  prepare(model: VisionModel, images: number): ReadyTerm;
}
