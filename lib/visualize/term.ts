// A term of what is maximized, and the pass through the network that all terms look at.

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
interface Forward {
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

/** What a term looks at: the images themselves, and what the network made of them. */
export interface Seen extends Forward {
  /** [images, height, width, channels] in the model's bounds, before any transform. */
  readonly images: tf.Tensor4D;
  /** The same as the network sees them: after the transforms. */
  readonly shown: tf.Tensor4D;
}

/** A term of what is maximized, ready for one model and number of images. */
export interface ReadyTerm {
  /** What is fixed through a run (one-hot rows, weights), as tensors: a traced step would freeze numbers. */
  readonly inputs: readonly tf.Tensor[];
  /** Pure. @param inputs in the order of `inputs` @returns [images] */
  value(seen: Seen, inputs: readonly tf.Tensor[]): tf.Tensor1D;
}

/** A term of what is maximized: an objective, or a regularizer that is taken off. */
export interface Term {
  /** For people. */
  readonly name: string;
  readonly demands: Demands;
  /** False where it may do something else at every call: a run with it is not recorded as a graph. Default: true. */
  readonly pure?: boolean;
  /**
   * @param images how many are worked on at once @throws BadInputError where the term does not fit the model or the
   * number
   */
  prepare(model: VisionModel, images: number): ReadyTerm;
}
