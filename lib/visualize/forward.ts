import type * as tf from "@tensorflow/tfjs";
import { keep } from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import type { LayerInfo, VisionModel } from "../model/vision-model";

/** What is looked at of a network's pass. */
export interface Demands {
  readonly logits: boolean;
  readonly layers: readonly string[];
}

/** What a network made of the images. */
export interface Forward {
  /** [images, classes] */
  readonly logits?: tf.Tensor2D;
  /** Output of each layer that was asked for. */
  readonly layers: Readonly<Record<string, tf.Tensor>>;
}

/**
 * One pass through the network for all that is looked at.
 * @param kept gets what the pass keeps beyond its own tidy scope: to be disposed of after the gradient
 */
export function forward(
  model: VisionModel,
  images: tf.Tensor4D,
  { logits, layers }: Demands,
  kept: tf.Tensor[],
): Forward {
  if (!logits && layers.length === 0) return { layers: {} };
  if (!logits && layers.length === 1) return { layers: { [layers[0]]: model.activations(images, layers[0]) } };
  const seen: Record<string, tf.Tensor> = {};
  const scores = model.logits(images, (name, output) => {
    if (layers.includes(name)) kept.push((seen[name] = keep(output)));
    return output;
  });
  const unseen = layers.find((name) => !seen[name]);
  if (unseen) badInput({ what: "layer", got: unseen, allowed: `a layer before the logits of ${model.name}` });
  return { logits: scores, layers: seen };
}

/** @throws BadInputError with near names */
export function checkedLayer(model: VisionModel, name: string): LayerInfo {
  const all = model.layers();
  return (
    all.find((info) => info.name === name) ??
    badInput({
      what: "layer",
      got: name,
      allowed: `a layer of ${model.name}, for instance ${nearNames(
        String(name),
        all.map((info) => info.name),
      ).join(", ")}`,
      remedy: "model.layers() lists them all.",
    })
  );
}
