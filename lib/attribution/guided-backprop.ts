import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkModel } from "./check-options";
import { checkRectifiers } from "./check-rectifiers";
import { explain } from "./explain";
import { targetGradient } from "./target-logit";

/**
 * Guided backpropagation: the gradient of the target's logit, except that each ReLU passes back only what is
 * positive, and only where it was active (Springenberg et al. 2015, "Striving for Simplicity", arXiv:1412.6806).
 * It shows what the network's features respond to; how little it depends on the target is worth a look.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], signed
 * @throws BadInputError, also for a network with leaky rectifiers; InterruptedError
 */
export async function guidedBackprop(model: VisionModel, images: ImageInput, options: AttributionOptions = {}): Promise<Attribution> {
  checkModel(model);
  checkRectifiers(model, "guided backprop");
  return explain(model, images, {
    method: "guided-backprop",
    form: "guided-backprop",
    options,
    step: ({ images, oneHot }) => targetGradient(model, images, oneHot, "guided"),
  });
}
