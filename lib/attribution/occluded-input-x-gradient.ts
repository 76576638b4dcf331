import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution } from "./attribution";
import { explain } from "./explain";
import { absoluteInputXGradient, dividedByMaximum } from "./input-x-gradient";
import { occlusionSteps, type OcclusionOptions } from "./occlusion";
import { targetGradient } from "./target-logit";

/**
 * Occlusion times gradient × input: where covering moves the target's logit and the network is sensitive to what is there. The fall
 * of the logit, divided by the map's largest absolute value, times image × |gradient|, divided by its own largest.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], −1 to 1, with occlusion's sign: positive where covering lowers the logit; 0
 *   everywhere where one of the two is
 * @throws BadInputError, InterruptedError
 */
export async function occludedInputXGradient(model: VisionModel, images: ImageInput, options: OcclusionOptions): Promise<Attribution<OcclusionOptions>> {
  const { finish, ...steps } = occlusionSteps(model, options);
  return explain(model, images, {
    ...steps,
    method: "occluded-input-x-gradient",
    finish: (sum, block) => {
      const { values } = finish!(sum, block);
      const sensitive = absoluteInputXGradient(block.images, targetGradient(model, block.images, block.oneHot));
      return { values: tf.mul(dividedByMaximum(values), sensitive) };
    },
  });
}
