import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/compile/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import type { VisionModel } from "../model/vision-model";

/** Far below any logit, and finite: infinity times 0 would be NaN. */
const never = 1e9;

/**
 * The direction in which an image comes nearer to its goal fastest: of the cross-entropy of the class to leave, upward, or of
 * the class to reach, downward.
 * @param images [batch, height, width, channels]
 * @param oneHot the class to leave or to reach, [batch, classes]
 * @returns in the shape of `images`
 */
export function lossGradient(model: Pick<VisionModel, "logits" | "pure">, images: tf.Tensor4D, oneHot: tf.Tensor2D, targeted: boolean): tf.Tensor4D {
  const sign = targeted ? 1 : -1;
  return modelStep(model, `loss gradient ${sign}`, (at: tf.Tensor4D, rows: tf.Tensor2D) => inputGradient((x) => tf.mul(sign, tf.mul(tf.logSoftmax(model.logits(x)), rows)), at))(images, oneHot);
}

/**
 * How far the logits are from the goal, in logits: at 0 two classes are equal, below 0 the image is fooled.
 * @param logits [batch, classes]
 * @param oneHot the class to leave or to reach, [batch, classes]
 * @returns [batch]
 */
export function margin(logits: tf.Tensor2D, oneHot: tf.Tensor2D, targeted: boolean): tf.Tensor1D {
  return tf.tidy(() => {
    const own = tf.sum(tf.mul(logits, oneHot), 1);
    const other = tf.max(tf.sub(logits, tf.mul(oneHot, never)), 1);
    return (targeted ? tf.sub(other, own) : tf.sub(own, other)) as tf.Tensor1D;
  });
}
