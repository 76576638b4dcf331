import * as tf from "@tensorflow/tfjs";
import { valueAndInputGradient } from "../backend/input-gradient";
import type { VisionModel } from "../model/vision-model";
import { forward, type Demands } from "./forward";
import type { ReadyParametrization } from "./parametrization";
import { sampled, type Taps } from "./sampler";
import type { ReadyTerm } from "./term";

/** What a run consists of. */
export interface Setup {
  readonly model: VisionModel;
  readonly parametrization: ReadyParametrization;
  readonly demands: Demands;
  readonly objective: ReadyTerm;
  readonly regularizers: readonly ReadyTerm[];
}

/**
 * The images, the objective of each, and the gradient of objective − regularizers with respect to the parameters. Pure.
 * @param taps of this step's transforms; none: the network sees the images as they are
 */
export function scoreAndGradient(
  { model, parametrization, demands, objective, regularizers }: Setup, parameters: tf.Tensor4D, taps: Taps | undefined,
): { images: tf.Tensor4D; scores: tf.Tensor1D; gradient: tf.Tensor4D } {
  const kept: tf.Tensor[] = [];
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    const one = tf.keep(tf.clone(tensor));
    kept.push(one);
    return one;
  };
  let made: { images: tf.Tensor4D; scores: tf.Tensor1D } | undefined;
  try {
    const { gradient } = valueAndInputGradient((at) => {
      const images = parametrization.images(at);
      const seen = { images, ...forward(model, taps ? sampled(images, taps) : images, demands, kept) };
      const score = objective.value(seen, objective.inputs);
      made = { images: keep(images), scores: keep(score) };
      return regularizers.reduce<tf.Tensor1D>((sum, term) => tf.sub(sum, term.value(seen, term.inputs)), score);
    }, parameters);
    return { images: tf.clone(made!.images), scores: tf.clone(made!.scores), gradient };
  } finally {
    tf.dispose(kept);
  }
}
