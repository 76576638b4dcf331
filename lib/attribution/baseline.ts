import * as tf from "@tensorflow/tfjs";
import { badInput } from "../errors";
import { checkImages } from "../model/check-images";
import type { ImageInput, VisionModel } from "../model/vision-model";

/**
 * What stands for "nothing there": one number for every value, one image, or one image for each of the images.
 * In the model's `bounds`.
 */
export type Baseline = number | ImageInput;

/**
 * @param count number of images explained
 * @returns [1, height, width, channels] for all, or [count, height, width, channels]; the caller disposes of it
 * @throws BadInputError
 */
export async function checkBaseline(baseline: Baseline, model: VisionModel, count: number): Promise<tf.Tensor4D> {
  const [low, high] = model.bounds;
  if (typeof baseline === "number") {
    if (!(baseline >= low && baseline <= high)) {
      badInput({ what: "baseline", got: baseline, allowed: `a number in [${low}, ${high}], an image, or one per image`, remedy: "It is a pixel value, before any preprocessing." });
    }
    return tf.fill([1, ...model.inputShape], baseline) as tf.Tensor4D;
  }
  const images = await checkImages(baseline, model, "baseline");
  if (images.shape[0] === 1 || images.shape[0] === count) return images;
  const got = images.shape;
  images.dispose();
  return badInput({ what: "the shape of baseline", got, allowed: `one image, or one for each of the ${count} images` });
}
