import type * as tf from "@tensorflow/tfjs";
import type { Step } from "./step-plan";

/** One call of one layer. */
export interface LayerStep extends Step {
  readonly layer: tf.layers.Layer;
  readonly outputShape: readonly number[];
}
