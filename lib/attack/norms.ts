// What attacks measure and follow: the size of a perturbation, its unit step, the loss, the margin.

import * as tf from "@tensorflow/tfjs";
import { graphKey } from "../core/options";
import { modelStep } from "../backend/graph/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import { logProbability, outputOf, type Outputs } from "../model/outputs";
import type { Model } from "../model/vision-model";

/**
 * `l2`: root of the sum of squares; `linf`: largest absolute value; `l0`: number of pixels (steps, features) that
 * differ, in whatever channel.
 */
export type Norm = EpsilonNorm | "l0";
/** Those in which a perturbation can be cut back to a size. */
export type EpsilonNorm = "l2" | "linf";

/** Steers clear of a division by 0. */
const TINY = 1e-12;

/** The size of each input's perturbation. @param change [batch, …] @returns [batch] */
export function sizes(change: tf.Tensor, norm: Norm): tf.Tensor1D {
  const inner = change.shape.map((_, axis) => axis).slice(1);
  return tf.tidy(() => {
    if (norm === "l2") return tf.sqrt(tf.sum(tf.square(change), inner)) as tf.Tensor1D;
    if (norm === "linf") return tf.max(tf.abs(change), inner) as tf.Tensor1D;
    // A pixel counts once, whichever of its channels differ.
    const places = change.rank > 2 ? tf.max(tf.abs(change), change.rank - 1) : tf.abs(change);
    return tf.sum(
      tf.cast(tf.greater(places, 0), "float32"),
      places.shape.map((_, axis) => axis).slice(1),
    ) as tf.Tensor1D;
  });
}

/**
 * One number per input, in a shape that multiplies inputs. @param values [batch] @param like [batch, …] @returns
 * [batch, 1, …]
 */
export const perInput = (values: tf.Tensor, like: tf.Tensor): tf.Tensor =>
  tf.reshape(
    values,
    like.shape.map((_, axis) => (axis === 0 ? -1 : 1)),
  );

/** The step of size 1 that raises a score fastest, by its gradient; where that is 0, no step. */
export function unitStep<T extends tf.Tensor>(gradient: T, norm: EpsilonNorm): T {
  return tf.tidy(() =>
    norm === "linf" ? tf.sign(gradient) : tf.div(gradient, perInput(tf.maximum(sizes(gradient, "l2"), TINY), gradient)),
  );
}

/**
 * Perturbations cut back to a size: each value (`linf`), or all of an input by one factor (`l2`).
 * @param epsilon a number, or a scalar tensor
 */
export function cutBack<T extends tf.Tensor>(change: T, norm: EpsilonNorm, epsilon: tf.Scalar | number): T {
  return tf.tidy(() => {
    if (norm === "linf") return tf.minimum(tf.maximum(change, tf.neg(epsilon)), epsilon);
    return tf.mul(change, perInput(tf.minimum(1, tf.div(epsilon, tf.maximum(sizes(change, "l2"), TINY))), change));
  });
}

/** Far below any logit, and finite: infinity times 0 would be NaN. */
const NEVER = 1e9;

/**
 * The direction in which an input comes nearer to its goal fastest: of the cross-entropy of the class to leave, upward,
 * or of the class to reach, downward.
 * @param inputs [batch, …]
 * @param rows of the class to leave or to reach (`targetRows`), [batch, units]
 * @returns in the shape of `inputs`
 */
export function lossGradient<T extends tf.Tensor>(
  model: Pick<Model, "logits" | "pure"> & Outputs,
  inputs: T,
  rows: tf.Tensor2D,
  targeted: boolean,
): T {
  const sign = targeted ? 1 : -1;
  return modelStep(model, graphKey("loss gradient", { targeted }), (at: T, each: tf.Tensor2D) =>
    inputGradient((x) => tf.mul(sign, logProbability(model, model.logits(x), each)), at),
  )(inputs, rows);
}

/**
 * How far the logits are from the goal, in logits: at 0 two classes are equal (a label is as likely there as not),
 * below 0 the input is fooled.
 * @param logits [batch, units]
 * @param rows of the class to leave or to reach, [batch, units]
 * @returns [batch]
 */
export function margin(model: Outputs, logits: tf.Tensor, rows: tf.Tensor2D, targeted: boolean): tf.Tensor1D {
  return tf.tidy(() => {
    const own = tf.sum(tf.mul(logits, rows), 1);
    const other = outputOf(model) === "softmax" ? tf.max(tf.sub(logits, tf.mul(rows, NEVER)), 1) : tf.zerosLike(own);
    return (targeted ? tf.sub(other, own) : tf.sub(own, other)) as tf.Tensor1D;
  });
}
