import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/graph/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import type { ReluRule } from "../backend/relu-rule";
import { checkOneRow } from "./outputs";
import type { Model, Values } from "./vision-model";

// Alone in its file: it would answer tasks, and the sandbox of a judge has no copy of it.

/**
 * The logit of each input's target, by row × sum: a gather has no gradient on wasm.
 * @param inputs [batch, …]
 * @param rows the targets' (`targetRows`), [batch, units], or [1, units] for all
 * @returns [batch]
 */
export function targetLogit(model: Model, inputs: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(
    () =>
      model.targetLogits?.(inputs, rows) ??
      (tf.sum(tf.mul(checkOneRow(model, model.logits(inputs)), rows), 1) as tf.Tensor1D),
  );
}

/**
 * The gradient of each input's target logit with respect to that input, in one pass for the whole batch: no
 * input's logit depends on another input, so the gradient of their sum is each one's own.
 * @param inputs [batch, …]
 * @param rows [batch, units]
 * @returns in the shape of `inputs`
 */
export function targetGradient<M extends Model>(
  model: M,
  inputs: tf.Tensor,
  rows: tf.Tensor2D,
  rule: ReluRule = "standard",
): Values<M> {
  return modelStep(model, `${rule} target gradient`, (at: tf.Tensor, each: tf.Tensor2D) =>
    inputGradient((x) => targetLogit(model, x, each), at, rule),
  )(inputs, rows) as Values<M>;
}
