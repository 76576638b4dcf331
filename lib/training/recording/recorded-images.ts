import * as tf from "@tensorflow/tfjs";
import { badInput } from "../../core/errors";
import type { ImageInput } from "../../model/vision-model";

/** The images that are looked at again and again; what a loader gives fits. */
export interface RecordedImages {
  /** [height, width, channels] or [images, height, width, channels] in [0, 1]. */
  readonly images: ImageInput;
  /** True class of each. Default: not known. */
  readonly labels?: readonly number[];
}

/** @throws BadInputError for something else, a lone tensor for instance */
export function checkRecordedImages(given: RecordedImages): void {
  if (!(given?.images instanceof tf.Tensor)) badInput({ what: "images", got: given, allowed: "{ images, labels }, as loadFashionMnist gives them" });
}
