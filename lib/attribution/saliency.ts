import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkBoolean } from "./check-options";
import { explain } from "./explain";
import { targetGradient } from "./target-logit";

export interface SaliencyOptions extends AttributionOptions {
  /** Absolute values instead of signed ones. Default: false (Captum's is true). */
  abs?: boolean;
}

/**
 * The gradient of the target's logit with respect to the image (Simonyan, Vedaldi & Zisserman 2013,
 * "Deep Inside Convolutional Networks", arXiv:1312.6034).
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], in logits per unit of pixel value
 * @throws BadInputError, InterruptedError
 */
export async function saliency(model: VisionModel, images: ImageInput, options: SaliencyOptions = {}): Promise<Attribution<SaliencyOptions>> {
  const abs = checkBoolean("abs", options.abs ?? false);
  return explain(model, images, {
    method: "saliency",
    options: { ...options, abs },
    step: ({ images, oneHot }) => {
      const gradient = targetGradient(model, images, oneHot);
      return abs ? tf.abs(gradient) : gradient;
    },
  });
}
