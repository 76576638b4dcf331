import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkOneOf } from "./check-options";
import { explain } from "./explain";
import { targetGradient } from "./target-logit";

/** `signed`: image × gradient. `absolute`: image × |gradient|, each image's map divided by its maximum. */
export type InputXGradientVariant = "signed" | "absolute";
export const inputXGradientVariants: readonly InputXGradientVariant[] = ["signed", "absolute"];

export interface InputXGradientOptions extends AttributionOptions {
  /** Default: "signed". */
  variant?: InputXGradientVariant;
}

/**
 * Image × gradient of the target's logit (Shrikumar et al. 2016, "Not Just a Black Box", arXiv:1605.01713).
 * A black pixel, value 0, gets 0 whatever the network makes of it.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels]: in logits, or (`absolute`) 0 to 1, 0 everywhere for a map that is
 *   0 everywhere
 * @throws BadInputError, InterruptedError
 */
export async function inputXGradient(model: VisionModel, images: ImageInput, options: InputXGradientOptions = {}): Promise<Attribution<InputXGradientOptions>> {
  const variant = checkOneOf("variant", options.variant ?? "signed", inputXGradientVariants);
  return explain(model, images, {
    method: "input-x-gradient",
    options: { ...options, variant },
    step: ({ images, oneHot }) => {
      const gradient = targetGradient(model, images, oneHot);
      return variant === "signed" ? tf.mul(images, gradient) : absoluteInputXGradient(images, gradient);
    },
  });
}

/** Image × |gradient|, each image's map divided by its maximum. */
export const absoluteInputXGradient = (images: tf.Tensor4D, gradient: tf.Tensor4D): tf.Tensor4D => dividedByMaximum(tf.mul(images, tf.abs(gradient)));

/** Each image's map divided by its largest absolute value. */
export function dividedByMaximum(maps: tf.Tensor4D): tf.Tensor4D {
  const maximum = tf.max(tf.abs(maps), [1, 2, 3], true);
  // 0 / 1 where there is no maximum to divide by.
  return tf.div(maps, tf.add(maximum, tf.cast(tf.equal(maximum, 0), "float32")));
}
