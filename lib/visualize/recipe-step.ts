import * as tf from "@tensorflow/tfjs";
import { targetLogit } from "../attribution/target-logit";
import { valueAndInputGradient } from "../backend/input-gradient";
import type { VisionModel } from "../model/vision-model";
import { blurred } from "./gaussian-blur";
import { rearranged } from "./roll";

/** What stays the same through a run. A number for each channel, as whole images [1, height, width, channels]: three numbers take longer to spread. */
export interface RecipeSpace {
  readonly mean: tf.Tensor4D;
  readonly std: tf.Tensor4D;
  /** What the darkest and the brightest pixel are in the normalised space. */
  readonly low: tf.Tensor4D;
  readonly high: tf.Tensor4D;
}

/** What a step takes beside the images, as tensors: a traced step would freeze numbers. */
export interface RecipeInputs extends RecipeSpace {
  /** [images, classes] */
  readonly oneHot: tf.Tensor2D;
  /** η and λ. */
  readonly learningRate: tf.Scalar;
  readonly l2: tf.Scalar;
  /** Where rows and columns come from when the images are rolled, and when they are rolled back. int32 */
  readonly roll: readonly [tf.Tensor1D, tf.Tensor1D];
  readonly back: readonly [tf.Tensor1D, tf.Tensor1D];
  /** Matrices of the blur for rows and columns, at an iteration that blurs. */
  readonly blur?: readonly [tf.Tensor2D, tf.Tensor2D];
}

/**
 * One iteration of the recipe: roll, ascend logit − λ‖x‖², roll back, clamp, blur. Pure.
 * @param x [images, height, width, channels], normalised
 * @param normalizeGradient divide each image's gradient by its own L2 norm
 * @returns x after the step, and the logits of the rolled images before it
 */
export function recipeStep(model: VisionModel, x: tf.Tensor4D, inputs: RecipeInputs, normalizeGradient: boolean): { x: tf.Tensor4D; logits: tf.Tensor1D } {
  const { mean, std, low, high, oneHot, learningRate, l2, roll, back, blur } = inputs;
  const rolled = rearranged(x, ...roll);
  const { value, gradient } = valueAndInputGradient((at) => targetLogit(model, tf.add(tf.mul(at, std), mean), oneHot), rolled);
  const ascent = tf.sub<tf.Tensor4D>(gradient, tf.mul(tf.mul(l2, 2), rolled));
  const direction = normalizeGradient ? tf.div<tf.Tensor4D>(ascent, gradientNorm(ascent)) : ascent;
  const moved = rearranged(tf.add<tf.Tensor4D>(rolled, tf.mul(learningRate, direction)), ...back);
  const clamped = tf.minimum<tf.Tensor4D>(tf.maximum(moved, low), high);
  return { x: blur ? blurred(clamped, ...blur) : clamped, logits: value as tf.Tensor1D };
}

/** Each image's own L2 norm; never 0, so that no gradient means no step. [images, 1, 1, 1] */
export function gradientNorm(gradient: tf.Tensor4D): tf.Tensor4D {
  return tf.maximum(tf.sqrt(tf.sum(tf.square(gradient), [1, 2, 3], true)), 1e-20) as tf.Tensor4D;
}
