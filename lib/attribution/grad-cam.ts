// Grad-CAM, with the layer it looks at, that layer's gradient, and its map brought to the image's size.

import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/graph/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import type { LayerInfo, VisionModel, ImageInput } from "../model/vision-model";
import { type Block, explain } from "./explain";
import { graphKey, boolean, checkOptions, text, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { checkModel, checkTakesImages } from "../model/checks";

/** A layer's output for some images, and the gradient of their scores with respect to it. */
export interface LayerGradient {
  /** [batch, height, width, channels] */
  readonly activation: tf.Tensor4D;
  /** In the same shape. */
  readonly gradient: tf.Tensor4D;
}

/**
 * One pass up to the layer, one through the whole network with the layer's output put in its place. Synchronous; reads
 * no data back.
 * @param layer one that {@link checkLayer} let through
 */
export function layerGradient(
  model: VisionModel,
  { inputs, rows, key, ofLogits, value }: Pick<Block, "inputs" | "rows" | "key" | "ofLogits" | "value">,
  layer: string,
): LayerGradient {
  const step = (x: tf.Tensor4D, each: tf.Tensor2D): LayerGradient => {
    const activation = model.activations(x, layer, { logits: ofLogits }) as tf.Tensor4D;
    const score = (instead: tf.Tensor4D): tf.Tensor => {
      let seen = false;
      const made = value(x, each, (name, output) => {
        seen ||= name === layer;
        return name === layer ? instead : output;
      });
      if (!seen) badInput({ what: "layer", got: layer, allowed: `a layer of ${model.name} before what is explained` });
      return made;
    };
    return { activation, gradient: inputGradient(score, activation) };
  };
  return (key === undefined ? step : modelStep(model, graphKey("layer gradient", { score: key, layer }), step))(
    inputs as tf.Tensor4D,
    rows,
  );
}

/**
 * Convolutions, and the modules that papers name as one layer, under the kinds that layers, graphs and architectures
 * have.
 */
const convolutional = /conv|fire|inception/i;
const isMap = ({ outputShape }: LayerInfo): boolean => outputShape.length === 3;

/** A map of one value says nothing of where: convolutions behind the global pooling, as MobileNet has, give such. */
const hasPlaces = ({ outputShape: [height, width] }: LayerInfo): boolean => height !== 1 || width !== 1;

/**
 * @param layer its name; undefined: the last convolutional one of more than one place. One of a single place is warned
 * of
 * @returns the name of a layer whose output has height, width and channels
 * @throws BadInputError
 */
export function checkLayer(model: VisionModel, layer: string | undefined): string {
  const maps = model.layers().filter(isMap);
  if (layer === undefined) {
    const last = maps.filter((each) => convolutional.test(each.kind) && hasPlaces(each)).at(-1);
    return (
      last?.name ??
      badInput({
        what: "layer",
        got: undefined,
        allowed:
          `a layer whose output is [height, width, channels]; ${model.name} has no convolutional one of more than ` +
          `one place to choose by itself`,
      })
    );
  }
  const chosen = maps.find(({ name }) => name === layer);
  if (chosen) {
    if (!hasPlaces(chosen))
      console.warn(`Layer ${layer} of ${model.name} has a single place: its map is one value for the whole image.`);
    return layer;
  }
  const seen = model.layers().find(({ name }) => name === layer);
  const allowed =
    maps.length === 0
      ? "a layer whose output is [height, width, channels]"
      : `a layer of ${model.name} whose output is [height, width, channels], for instance ${nearNames(
          String(layer),
          maps.map(({ name }) => name),
        ).join(", ")}`;
  return badInput({
    what: "layer",
    got: layer,
    allowed,
    remedy: seen ? `Its output is [${seen.outputShape.join(", ")}].` : "model.layers() lists them all.",
  });
}

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
 *   above unless `signed`
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

/**
 * Bilinear, pixels' centres at half-integers, as PyTorch's `interpolate(…, mode="bilinear")` does. Not for use under a
 * gradient: plain TensorFlow.js has a wrong one for these centres.
 * @returns [batch, height, width, channels]
 */
export function upsample(maps: tf.Tensor4D, [height, width]: readonly number[]): tf.Tensor4D {
  return tf.image.resizeBilinear(maps, [height, width], false, true);
}
