import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkBoolean } from "../core/check-options";
import { checkModel, checkTakesImages } from "../model/checks";
import { explain, type Block } from "./explain";
import { checkLayer, layerGradient } from "./layer-gradient";
import { upsample } from "./upsample";

export interface GradCamOptions extends AttributionOptions {
  /**
   * A layer whose output is [height, width, channels]; `model.layers()` lists them. Default: the last convolutional one
   * that has more than one place.
   */
  layer?: string;
  /** Keep what speaks against the class, as negative values. Default: false, the paper's ReLU. */
  signed?: boolean;
  /** Bring the map to the image's size, bilinearly. Default: false, the layer's own resolution. */
  upsample?: boolean;
}

/**
 * Grad-CAM: the channels of a layer, each weighted by the mean gradient of the target's logit over its places, added up
 * (Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks", doi:10.1109/ICCV.2017.74,
 * arXiv:1610.02391).
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, layer's height, layer's width, 1], or the image's height and width with `upsample`; 0 or
 * above
 *   unless `signed`
 * @throws BadInputError, InterruptedError
 */
export async function gradCam(
  model: VisionModel,
  images: ImageInput,
  options: GradCamOptions = {},
): Promise<Attribution<GradCamOptions>> {
  checkModel(model);
  checkTakesImages(model, "Grad-CAM");
  const signed = checkBoolean("signed", options.signed ?? false);
  const toImage = checkBoolean("upsample", options.upsample ?? false);
  const layer = checkLayer(model, options.layer);
  return explain(model, images, {
    method: "grad-cam",
    options: { ...options, layer, signed, upsample: toImage },
    step: (block) => {
      const map = classActivationMap(model, block, layer, signed);
      return toImage ? upsample(map, model.inputShape) : map;
    },
  });
}

/** @returns [batch, layer's height, layer's width, 1] */
export function classActivationMap(model: VisionModel, block: Block, layer: string, signed: boolean): tf.Tensor4D {
  const { activation, gradient } = layerGradient(model, block, layer);
  const map = tf.sum<tf.Tensor4D>(tf.mul(activation, tf.mean(gradient, [1, 2], true)), 3, true);
  return signed ? map : tf.relu(map);
}
