import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkImages } from "../model/checks";
import type { ImageInput, VisionModel } from "../model/vision-model";

/**
 * @param initImage one image for all, or one for each
 * @returns [count, height, width, channels], owned by the caller
 * @throws BadInputError
 */
export async function startImages(initImage: ImageInput, model: VisionModel, count: number): Promise<tf.Tensor4D> {
  const images = await checkImages(initImage, model, "initImage");
  if (images.shape[0] === count) return images;
  const got = images.shape;
  try {
    if (got[0] !== 1) badInput({ what: "the shape of initImage", got, allowed: `one image, or ${count}` });
    return tf.tidy(() => tf.tile(images, [count, 1, 1, 1]));
  } finally {
    images.dispose();
  }
}
