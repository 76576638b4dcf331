import * as tf from "@tensorflow/tfjs";
import { correct } from "./register";

/**
 * TF.js has no gradient for comparisons, so that `where(x.greater(0), a, b)` throws although only `a` and `b`
 * matter. A comparison is constant almost everywhere: its gradient is zero.
 */
export function correctComparisons(): void {
  for (const kernelName of [
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "Equal",
    "NotEqual",
    "LogicalAnd",
    "LogicalOr",
  ]) {
    correct({
      kernelName,
      inputsToSave: ["a", "b"],
      gradFunc: (_, [a, b]) => ({ a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) }),
    });
  }
  correct({ kernelName: "LogicalNot", inputsToSave: ["x"], gradFunc: (_, [x]) => ({ x: () => tf.zeros(x.shape) }) });
}
