// Small helpers for tensors: who frees them, one-hot rows, and what makes one number of a pixel's channels.

import * as tf from "@tensorflow/tfjs";
import { badInput } from "./errors";

/** Puts a tensor under the scope's care and hands it back. */
export type Own = <T extends tf.Tensor>(tensor: T) => T;

/**
 * `tf.tidy` for asynchronous work, which `tf.tidy` refuses: frees every tensor that was owned, however the work
 * ends. What the work returns must not be owned.
 */
export async function withTensors<T>(work: (own: Own) => Promise<T>): Promise<T> {
  const owned: tf.Tensor[] = [];
  try {
    return await work((tensor) => {
      owned.push(tensor);
      return tensor;
    });
  } finally {
    for (const tensor of owned) tensor.dispose();
  }
}

/**
 * Makes one value of a pixel's channels: [batch, height, width, channels] → [batch, height, width, 1]. The caller owns
 * the result. A function of your own does as well.
 */
export type ChannelReduction = (values: tf.Tensor4D) => tf.Tensor;

/** One of ours: it looks at the tensor itself. */
type ReadyReduction = (values: tf.Tensor) => tf.Tensor4D;

const reduction =
  (reduce: (values: tf.Tensor) => tf.Tensor): ReadyReduction =>
  (values) => {
    if (!(values instanceof tf.Tensor) || values.rank !== 4) {
      badInput({
        what: "values",
        got: values instanceof tf.Tensor ? values.shape : values,
        allowed: "a tensor [batch, height, width, channels]",
        remedy: "Of an attribution, take its values.",
      });
    }
    return tf.tidy(() => reduce(values) as tf.Tensor4D);
  };

/** The largest absolute value: Simonyan et al. 2013, section 3.1. */
export const maxAbs: ReadyReduction = reduction((values) => tf.max(tf.abs(values), 3, true));
/** The sum of the absolute values, the L1 norm. */
export const sumAbs: ReadyReduction = reduction((values) => tf.sum(tf.abs(values), 3, true));
/** The mean of the absolute values. */
export const meanAbs: ReadyReduction = reduction((values) => tf.mean(tf.abs(values), 3, true));
/** The Euclidean length, the L2 norm. */
export const l2Norm: ReadyReduction = reduction((values) => {
  // By the largest value: squares of a saturated network's gradients, 1e-25 and less, would all be 0.
  const most = tf.max(tf.abs(values), 3, true),
    unit = tf.where(tf.greater(most, 0), most, tf.onesLike(most));
  return tf.mul(most, tf.sqrt(tf.sum(tf.square(tf.div(values, unit)), 3, true)));
});
/** The sum with signs: what happens when all channels rise together. Opposite values cancel. */
export const signedSum: ReadyReduction = reduction((values) => tf.sum(values, 3, true));
/** The mean with signs. */
export const signedMean: ReadyReduction = reduction((values) => tf.mean(values, 3, true));
/** The value with the largest absolute value, with its sign; of two that differ only in it the positive one. */
export const strongest: ReadyReduction = reduction((values) => {
  const high = tf.max(values, 3, true),
    low = tf.min(values, 3, true);
  return tf.where(tf.greaterEqual(high, tf.neg(low)), high, low);
});

/** By name. */
export const channelReductions = { maxAbs, sumAbs, meanAbs, l2Norm, signedSum, signedMean, strongest } as const;
