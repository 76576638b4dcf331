import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions, number, type Schema } from "../core/options";
import type { VisionModel } from "../model/vision-model";
import { blurMatrix, blurred } from "./gaussian-blur";
import type { ReadyTerm, Seen, Term } from "./term";

/** Something that images should have little of: its value times a weight is taken off the objective. */
export type Regularizer = Term;

/**
 * ‖x‖² of x = (image − mean)/std in the model's normalised space: the λ‖x‖² of {@link classVisualization}. @param
 * weight λ ≥ 0
 */
export function l2(weight: number): Regularizer {
  return onImages("L2", weight, (model) => normalizer(model, (x) => tf.sum(tf.square(x), [1, 2, 3])));
}

/** Σ|x| of the same x. @param weight ≥ 0 */
export function l1(weight: number): Regularizer {
  return onImages("L1", weight, (model) => normalizer(model, (x) => tf.sum(tf.abs(x), [1, 2, 3])));
}

/**
 * Total variation: the absolute differences between neighbouring pixels, added up (Mahendran & Vedaldi 2015,
 * "Understanding Deep Image Representations by Inverting Them", arXiv:1412.0035). @param weight ≥ 0
 */
export function totalVariation(weight: number): Regularizer {
  return onImages("total variation", weight, () => ({
    inputs: [],
    value: ({ images }) => {
      const [count, height, width, channels] = images.shape;
      const steps = (axis: 1 | 2): tf.Tensor => {
        const size = axis === 1 ? [count, height - 1, width, channels] : [count, height, width - 1, channels];
        const first = tf.slice(images, [0, 0, 0, 0], size),
          second = tf.slice(images, axis === 1 ? [0, 1, 0, 0] : [0, 0, 1, 0], size);
        return tf.sum(tf.abs(tf.sub(second, first)), [1, 2, 3]);
      };
      return tf.add(steps(1), steps(2));
    },
  }));
}

export interface BlurOptions {
  /** Of the blur, in pixels. Number above 0. Default: 1. */
  sigma?: number;
}

export const blurOptions = {
  sigma: number({ above: 0, default: 1, unit: "pixels", help: "width of the blur" }),
} satisfies Schema<BlurOptions>;

/**
 * Half the squared distance between the image and its own blur, the blur taken as fixed: its gradient is what a blur
 * takes away. @param weight ≥ 0
 */
export function blur(weight: number, options: BlurOptions = {}): Regularizer {
  const { sigma } = checkOptions(blurOptions, options);
  return onImages("blur", weight, ({ inputShape: [height, width] }) => ({
    inputs: [blurMatrix(height, sigma), blurMatrix(width, sigma)],
    value: ({ images }, [rows, columns]) => {
      const fixed = tf.customGrad((x) => ({
        value: blurred(x as tf.Tensor4D, rows as tf.Tensor2D, columns as tf.Tensor2D),
        gradFunc: (dy) => tf.zerosLike(dy as tf.Tensor),
      }))(images);
      return tf.mul(0.5, tf.sum(tf.square(tf.sub(images, fixed)), [1, 2, 3]));
    },
  }));
}

function normalizer({ normalization, inputShape }: VisionModel, penalty: (x: tf.Tensor) => tf.Tensor): ReadyTerm {
  const each = (values: readonly number[]): tf.Tensor1D =>
    tf.tensor1d(Array.from({ length: inputShape[2] }, (_, c) => values[c % values.length]));
  return {
    inputs: [each(normalization?.mean ?? [0]), each(normalization?.std ?? [1])],
    value: ({ images }, [mean, std]) => penalty(tf.div(tf.sub(images, mean), std)) as tf.Tensor1D,
  };
}

function onImages(name: string, weight: number, make: (model: VisionModel, images: number) => ReadyTerm): Regularizer {
  return weighted({ name, demands: { logits: false, layers: [] }, prepare: make }, weight);
}

/** @throws BadInputError for a weight below 0 */
export function weighted(term: Term, weight: number): Regularizer {
  if (!(weight >= 0 && weight < Infinity))
    badInput({ what: `the weight of ${term.name}`, got: weight, allowed: "a number ≥ 0" });
  return {
    ...term,
    prepare(model, images) {
      const { inputs, value } = term.prepare(model, images);
      return {
        inputs: [...inputs, tf.scalar(weight)],
        value: (seen: Seen, all) => tf.mul(value(seen, all.slice(0, -1)), all[all.length - 1]),
      };
    },
  };
}
