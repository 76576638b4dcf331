import * as tf from "@tensorflow/tfjs";
import { badInput } from "../../core/errors";
import type { ImageInput } from "../../model/vision-model";
import { tensorsOf } from "./training-data";

/** The images that are looked at again and again; what a loader gives fits. */
export interface RecordedImages {
  /** [height, width, channels] or [images, height, width, channels] in [0, 1]. */
  readonly images: ImageInput;
  /** True class of each. Default: not known. */
  readonly labels?: readonly number[];
}

/** What takes their place where a network's inputs are no images: rows, series, the tokens of texts. */
export interface RecordedInputs {
  /** With or without the first axis, which is theirs. */
  readonly inputs: tf.Tensor;
  /** True class of each. Default: not known. */
  readonly labels?: readonly number[];
}

/** @returns the tensor @throws BadInputError for something else, a lone tensor for instance */
export function checkRecordedImages(given: RecordedImages | RecordedInputs): tf.Tensor {
  const found = tensorsOf(given instanceof tf.Tensor ? undefined : given);
  return (
    found?.tensor ??
    badInput({
      what: "images",
      got: given,
      allowed: "{ images, labels }, as loadFashionMnist gives them, or { inputs, labels } of any shape",
    })
  );
}
