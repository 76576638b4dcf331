import * as tf from "@tensorflow/tfjs";
import { graphKey } from "../core/options";
import { modelStep } from "../backend/compile/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import { logProbability, outputOf, type Outputs } from "../model/outputs";
import type { Model } from "../model/vision-model";

/** Far below any logit, and finite: infinity times 0 would be NaN. */
const never = 1e9;

/**
 * The direction in which an input comes nearer to its goal fastest: of the cross-entropy of the class to leave, upward,
 * or of
 * the class to reach, downward.
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
    const other = outputOf(model) === "softmax" ? tf.max(tf.sub(logits, tf.mul(rows, never)), 1) : tf.zerosLike(own);
    return (targeted ? tf.sub(other, own) : tf.sub(own, other)) as tf.Tensor1D;
  });
}
