import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import { checkOptions, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { checkModel, checkTakesImages } from "../model/check-model";
import { byRectifiers } from "./check-rectifiers";
import { explain } from "./explain";
import { classActivationMap, layerOption } from "./grad-cam";
import { checkLayer } from "./layer-gradient";
import { upsample } from "./upsample";

export interface GuidedGradCamOptions extends AttributionOptions {
  /**
   * The layer of Grad-CAM: one whose output is [height, width, channels]. Default: the last convolutional one that has
   * more than one place.
   */
  layer?: string;
}

export const guidedGradCamOptions = {
  ...attributionOptions,
  layer: layerOption,
} satisfies Schema<GuidedGradCamOptions>;

/**
 * Guided Grad-CAM: guided backpropagation times Grad-CAM, the latter after its ReLU and bilinearly brought to the
 * image's
 * size: guided backprop's detail where Grad-CAM sees the class (Selvaraju et al. 2017, doi:10.1109/ICCV.2017.74,
 * arXiv:1610.02391, section 3.2). Captum interpolates by the nearest neighbour unless told otherwise.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], signed; of a network without rectifiers Grad-CAM times the plain
 *   gradient, which the first call for a network says in a warning
 * @throws BadInputError, also for a network with leaky rectifiers; InterruptedError
 */
export async function guidedGradCam(
  model: VisionModel,
  images: ImageInput,
  options: GuidedGradCamOptions = {},
): Promise<Attribution<GuidedGradCamOptions>> {
  checkModel(model);
  checkTakesImages(model, "guided Grad-CAM");
  const checked = checkOptions(guidedGradCamOptions, options),
    layer = checkLayer(model, checked.layer);
  const method = { name: "guided Grad-CAM", plain: "Grad-CAM times the plain gradient" };
  return byRectifiers(model, method, () =>
    explain(model, images, {
      method: "guided-grad-cam",
      schema: guidedGradCamOptions,
      options: { ...checked, layer },
      step: (block) =>
        tf.mul(
          block.gradient(block.inputs, block.rows, "guided"),
          upsample(classActivationMap(model, block, layer, false), model.inputShape),
        ),
    }),
  );
}
