import * as tf from "@tensorflow/tfjs";

/**
 * What of a class is differentiated: its `logit`; its softmax `probability`, which also rises when another class becomes less
 * likely and hardly moves where the network is certain; or that one's logarithm, the negative cross-entropy loss.
 */
export type Score = "logit" | "probability" | "log-probability";
export const scores: readonly Score[] = ["logit", "probability", "log-probability"];

/** @param logits [batch, classes] @returns in the same shape */
export function scored(logits: tf.Tensor2D, score: Score): tf.Tensor2D {
  switch (score) {
    case "logit": return logits;
    case "probability": return tf.softmax(logits);
    case "log-probability": return tf.logSoftmax(logits);
  }
}
