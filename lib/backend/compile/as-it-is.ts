import * as tf from "@tensorflow/tfjs";
import { badInput } from "../../core/errors";
import { dropTape } from "../reset";
import { mapLeaves } from "./structure";

/**
 * Runs `work` as every way of running a compiled function must look from outside: the caller owns each tensor of the
 * result and
 * nothing else is left, also after a throw. So a tensor that was there before (an input handed back), or that is in the
 * result twice, is cloned.
 */
export function owned(work: () => unknown): unknown {
  const engine = tf.engine() as unknown as { state: { gradientDepth: number }; nextTensorId(): number };
  const outermost = engine.state.gradientDepth === 0;
  try {
    return tf.tidy(() => {
      const first = engine.nextTensorId(),
        seen = new Set<tf.Tensor>();
      const result = work();
      if (result instanceof Promise)
        badInput({
          what: "the function to compile",
          got: "asynchronous",
          allowed: "a function that returns its tensors at once",
        });
      return mapLeaves(result, tf.Tensor, (tensor) => {
        if (tensor.id < first || seen.has(tensor)) return tf.clone(tensor);
        seen.add(tensor);
        return tensor;
      }) as tf.TensorContainer;
    });
  } catch (error) {
    if (outermost) dropTape();
    throw error;
  }
}
