import * as tf from "@tensorflow/tfjs";
import { valueAndInputGradient } from "../backend/input-gradient";
import type { ReluRule } from "../backend/relu-rule";
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
 * As {@link gradientOf}; images that are silent and without a gradient get the one of the deconvolution rule, which
 * wakes
 * units that a ReLU keeps at 0.
 * @param taps of this step's transforms; none: the network sees the images as they are
 * @param silent 1 for each image that may be, [images]; none: no image is
 */
export function scoreAndGradient(
  setup: Setup,
  parameters: tf.Tensor4D,
  taps: Taps | undefined,
  silent: tf.Tensor1D | undefined,
): Scored {
  const scored = gradientOf(setup, parameters, taps, "standard");
  if (!silent) return scored;
  const waking = gradientOf(setup, parameters, taps, "deconvolution").gradient;
  const flat = tf.equal(tf.max(tf.abs(scored.gradient), [1, 2, 3], true), 0);
  const none = tf.mul(tf.cast(flat, "float32"), tf.reshape(silent, [-1, 1, 1, 1]));
  return { ...scored, gradient: tf.add(scored.gradient, tf.mul(none, waking)) };
}

interface Scored {
  readonly scores: tf.Tensor1D;
  readonly gradient: tf.Tensor4D;
}

/**
 * The objective of each image, and the gradient of objective − regularizers with respect to the parameters. Pure.
 */
function gradientOf(
  { model, parametrization, demands, objective, regularizers }: Setup,
  parameters: tf.Tensor4D,
  taps: Taps | undefined,
  rule: ReluRule,
): Scored {
  const kept: tf.Tensor[] = [];
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    const one = tf.keep(tf.clone(tensor));
    kept.push(one);
    return one;
  };
  let made: tf.Tensor1D | undefined;
  try {
    const { gradient } = valueAndInputGradient(
      (at) => {
        const images = parametrization.images(at);
        const shown = taps ? sampled(images, taps) : images,
          seen = { images, shown, ...forward(model, shown, demands, kept) };
        const score = objective.value(seen, objective.inputs);
        made = keep(score);
        return regularizers.reduce<tf.Tensor1D>((sum, term) => tf.sub(sum, term.value(seen, term.inputs)), score);
      },
      parameters,
      rule,
    );
    return { scores: tf.clone(made!), gradient };
  } finally {
    tf.dispose(kept);
  }
}
