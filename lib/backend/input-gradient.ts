import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { reluRule, setReluRule, type ReluRule } from "./relu-rule";
import { dropTape } from "./interrupts/reset";

/** A score and its gradient with respect to the input. The caller owns both. */
export interface ValueAndGradient<T extends tf.Tensor = tf.Tensor> {
  /** What `score` returned. */
  value: tf.Tensor;
  /** In the shape of the input. */
  gradient: T;
}

/**
 * The gradient of the sum of `score(x)` with respect to x. Synchronous; reads no data back, so that it can be
 * traced. Where each input's score depends on that input alone, it is each input's own gradient.
 * @param score differentiable; may return any shape
 * @param x [batch, …]
 * @param rule what passes backward through ReLU and ReLU6. Default: `standard`, the derivative.
 * @throws what `score` throws; BadInputError if the score does not depend on x; nothing is leaked
 */
export function inputGradient<T extends tf.Tensor>(score: (x: T) => tf.Tensor, x: T, rule: ReluRule = "standard"): T {
  return tf.tidy(() => valueAndInputGradient(score, x, rule).gradient);
}

/** What TensorFlow.js says of an op without a gradient, or of a gradient that the backend cannot compute. */
const notThere = new RegExp(
  [
    String.raw`gradient function not found for (\w+)`,
    String.raw`gradient of (fused \w+)`,
    String.raw`[Kk]ernel '(\w+)' not registered for backend '(\w+)'`,
  ].join("|"),
);

/** As {@link inputGradient}, with the score itself, which the forward pass computes anyway. */
export function valueAndInputGradient<T extends tf.Tensor>(
  score: (x: T) => tf.Tensor,
  x: T,
  rule: ReluRule = "standard",
): ValueAndGradient<T> {
  const outermost = tf.engine().state.gradientDepth === 0;
  // Set at every call, whatever an interrupted one left behind; a call inside a score hands back its caller's.
  const after: ReluRule = outermost ? "standard" : reluRule();
  setReluRule(rule);
  try {
    return tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad(score as (x: tf.Tensor) => tf.Tensor)(x);
      return { value, gradient: grad as T };
    });
  } catch (error) {
    if (outermost) dropTape();
    if (error instanceof Error && error.message.startsWith("Cannot compute gradient of y=f(x)")) {
      badInput({
        what: "the score",
        got: "one that does not depend on the input",
        allowed: "a differentiable function of what the model makes of the input",
        remedy:
          "No dataSync, argMax or cast to integers on the way, and no tensor made elsewhere in place of the outputs.",
      });
    }
    const lacking = error instanceof Error ? notThere.exec(error.message) : null;
    if (lacking) {
      const [, op, fused, kernel, backend] = lacking;
      badInput({
        what: "the score",
        got: `one through ${op ?? fused ?? kernel}`,
        allowed: `what TensorFlow.js can differentiate${backend ? ` on ${backend}` : ""}`,
        remedy: "occlusion needs no gradient.",
      });
    }
    throw error;
  } finally {
    setReluRule(after);
  }
}
