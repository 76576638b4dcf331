import * as tf from "@tensorflow/tfjs";
import { modelStep } from "../backend/compile/model-graphs";
import { inputGradient } from "../backend/input-gradient";
import type { ReluRule } from "../backend/relu-rule";
import type { VisionModel } from "../model/vision-model";

/**
 * The logit of each image's target, by one-hot × sum: a gather has no gradient on wasm.
 * @param images [batch, height, width, channels]
 * @param oneHot [batch, classes], or [1, classes] for all
 * @returns [batch]
 */
export function targetLogit(model: VisionModel, images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => model.targetLogits?.(images, oneHot) ?? tf.sum(tf.mul(model.logits(images), oneHot), 1) as tf.Tensor1D);
}

/**
 * The gradient of each image's target logit with respect to that image, in one pass for the whole batch: no
 * image's logit depends on another image, so the gradient of their sum is each one's own.
 * @param images [batch, height, width, channels]
 * @param oneHot [batch, classes]
 * @returns in the shape of `images`
 */
export function targetGradient(model: VisionModel, images: tf.Tensor4D, oneHot: tf.Tensor2D, rule: ReluRule = "standard"): tf.Tensor4D {
  return modelStep(model, `${rule} target gradient`, (at: tf.Tensor4D, rows: tf.Tensor2D) => inputGradient((x) => targetLogit(model, x, rows), at, rule))(images, oneHot);
}
