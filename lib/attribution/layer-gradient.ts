import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/compile/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import type { LayerInfo, VisionModel } from "../model/vision-model";
import type { Block } from "./explain";

/** A layer's output for some images, and the gradient of their scores with respect to it. */
export interface LayerGradient {
  /** [batch, height, width, channels] */
  readonly activation: tf.Tensor4D;
  /** In the same shape. */
  readonly gradient: tf.Tensor4D;
}

/**
 * One pass up to the layer, one through the whole network with the layer's output put in its place. Synchronous; reads
 * no
 * data back.
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
  return (key === undefined ? step : modelStep(model, `gradient of ${key} at ${layer}`, step))(
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
        allowed: `a layer whose output is [height, width, channels]; ${model.name} has no convolutional one of more than one place to choose by itself`,
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
