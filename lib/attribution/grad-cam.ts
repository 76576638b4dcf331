import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import { boolean, checkOptions, text, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { checkModel, checkTakesImages } from "../model/check-model";
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

/** The layer of Grad-CAM and of guided Grad-CAM. */
export const layerOption = text({
  rule: "the last convolutional one that has more than one place",
  help: "a layer whose output is [height, width, channels]",
});

export const gradCamOptions = {
  ...attributionOptions,
  layer: layerOption,
  signed: boolean({ default: false, help: "keep what speaks against the class, as negative values" }),
  upsample: boolean({ default: false, help: "bring the map to the image's size, bilinearly" }),
} satisfies Schema<GradCamOptions>;

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
  const checked = checkOptions(gradCamOptions, options),
    layer = checkLayer(model, checked.layer);
  return explain(model, images, {
    method: "grad-cam",
    schema: gradCamOptions,
    options: { ...checked, layer },
    step: (block) => {
      const map = classActivationMap(model, block, layer, checked.signed);
      return checked.upsample ? upsample(map, model.inputShape) : map;
    },
  });
}

/** @returns [batch, layer's height, layer's width, 1] */
export function classActivationMap(model: VisionModel, block: Block, layer: string, signed: boolean): tf.Tensor4D {
  const { activation, gradient } = layerGradient(model, block, layer);
  const map = tf.sum<tf.Tensor4D>(tf.mul(activation, tf.mean(gradient, [1, 2], true)), 3, true);
  return signed ? map : tf.relu(map);
}
