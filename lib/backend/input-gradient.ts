import * as tf from "@tensorflow/tfjs";
import { reluRule, setReluRule, type ReluRule } from "./relu-rule";
import { dropTape } from "./reset";

/** A score and its gradient with respect to the image. The caller owns both. */
export interface ValueAndGradient {
  /** What `score` returned. */
  value: tf.Tensor;
  /** In the shape of the image. */
  gradient: tf.Tensor4D;
}

/**
 * The gradient of the sum of `score(x)` with respect to x. Synchronous; reads no data back, so that it can be
 * traced. Where each image's score depends on that image alone, it is each image's own gradient.
 * @param score differentiable; may return any shape
 * @param x [batch, height, width, channels]
 * @param rule what passes backward through ReLU and ReLU6. Default: `standard`, the derivative.
 * @throws what `score` throws, or if the score does not depend on x; nothing is leaked
 */
export function inputGradient(score: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D, rule: ReluRule = "standard"): tf.Tensor4D {
  return tf.tidy(() => valueAndInputGradient(score, x, rule).gradient);
}

/** As {@link inputGradient}, with the score itself, which the forward pass computes anyway. */
export function valueAndInputGradient(score: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D, rule: ReluRule = "standard"): ValueAndGradient {
  const outermost = tf.engine().state.gradientDepth === 0;
  // Set at every call, whatever an interrupted one left behind; a call inside a score hands back its caller's.
  const after: ReluRule = outermost ? "standard" : reluRule();
  setReluRule(rule);
  try {
    return tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad(score as (x: tf.Tensor) => tf.Tensor)(x);
      return { value, gradient: grad as tf.Tensor4D };
    });
  } catch (error) {
    if (outermost) dropTape();
    throw error;
  } finally {
    setReluRule(after);
  }
}
