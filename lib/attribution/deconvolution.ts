import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkModel } from "./check-options";
import { checkRectifiers } from "./check-rectifiers";
import { explain } from "./explain";
import { targetGradient } from "./target-logit";

/**
 * Deconvolution: the gradient of the target's logit, except that each ReLU passes back what is positive, whether it
 * was active or not; max-poolings keep their switches (Zeiler & Fergus 2014, "Visualizing and Understanding
 * Convolutional Networks", arXiv:1311.2901).
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], signed
 * @throws BadInputError, also for a network with leaky rectifiers; InterruptedError
 */
export async function deconvolution(model: VisionModel, images: ImageInput, options: AttributionOptions = {}): Promise<Attribution> {
  checkModel(model);
  checkRectifiers(model, "deconvolution");
  return explain(model, images, {
    method: "deconvolution",
    form: "deconvolution",
    options,
    step: ({ images, oneHot }) => targetGradient(model, images, oneHot, "deconvolution"),
  });
}
