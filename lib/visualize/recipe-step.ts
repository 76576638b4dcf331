// One iteration of the course's recipe, in the model's normalized space.

import * as tf from "@tensorflow/tfjs";
import { targetLogit } from "../model/target-logit";
import { valueAndInputGradient } from "../backend/input-gradient";
import type { VisionModel } from "../model/vision-model";
import { blurred } from "../core/gaussian-blur";
import type { Own } from "../core/tensors";

/** Where each row and each column comes from. int32 */
export type Roll = readonly [tf.Tensor1D, tf.Tensor1D];

/** Images [height, width] rolled down and right: what leaves on one side comes in on the other. */
export function rollOf([height, width]: readonly [number, number], [down, right]: readonly [number, number]): Roll {
  return [rollIndices(height, down), rollIndices(width, right)];
}

/**
 * Where each row (or column) comes from.
 * @returns int32 [size]
 */
function rollIndices(size: number, shift: number): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from({ length: size }, (_, i) => (((i - shift) % size) + size) % size),
    "int32",
  );
}

/**
 * Rows and columns in another order, by indices that are tensors: a traced step can take others each time.
 * @param images [batch, height, width, channels]
 */
export function rearranged(images: tf.Tensor4D, ...[rows, columns]: Roll): tf.Tensor4D {
  return tf.gather(tf.gather(images, rows, 1), columns, 2);
}

/** What of the gradient an image moves by. */
export type RecipeStep = "normalized" | "plain" | "accumulated";
export const recipeSteps: readonly RecipeStep[] = ["normalized", "plain", "accumulated"];

/** What of an image is kept small. */
export type Penalty = "squared" | "norm";
export const penalties: readonly Penalty[] = ["squared", "norm"];

/**
 * What stays the same through a run. A number for each channel, as whole images [1, height, width, channels]: three
 * numbers take longer to spread.
 */
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
  /**
   * Of the `accumulated` step: the gradients before this one. As PyTorch's buffer, it does not roll with the images.
   */
  readonly sum?: tf.Tensor4D;
  /** η and λ. */
  readonly learningRate: tf.Scalar;
  readonly l2: tf.Scalar;
  /** From how the images lie to how this step rolls them. */
  readonly roll: Roll;
  /**
   * At an iteration that blurs: its matrices for rows and columns, and back to how the images lie when they are not
   * rolled.
   */
  readonly blur?: { readonly matrices: readonly [tf.Tensor2D, tf.Tensor2D]; readonly back: Roll };
}

/**
 * One iteration of the recipe: roll, ascend logit − λ · penalty, clamp; roll back and blur. Pure. Without a blur the
 * images stay rolled: the next step rolls them on, by the difference of the two, in place of back and forth.
 * @param x [images, height, width, channels], normalised, maybe rolled
 * @returns x after the step, the sum of gradients where there is one, and the logits of the rolled images before it
 */
export function recipeStep(
  model: VisionModel,
  x: tf.Tensor4D,
  inputs: RecipeInputs,
  { step, penalty }: { step: RecipeStep; penalty: Penalty },
): { x: tf.Tensor4D; sum?: tf.Tensor4D; logits: tf.Tensor1D } {
  const { mean, std, low, high, oneHot, learningRate, l2, roll, blur } = inputs;
  const rolled = rearranged(x, ...roll);
  const { value, gradient } = valueAndInputGradient(
    (at) => targetLogit(model, tf.add(tf.mul(at, std), mean), oneHot),
    rolled,
  );
  const pull = penalty === "squared" ? tf.mul(tf.mul(l2, 2), rolled) : tf.mul(l2, tf.div(rolled, gradientNorm(rolled)));
  const ascent = tf.sub<tf.Tensor4D>(gradient, pull),
    sum = step === "accumulated" ? tf.add<tf.Tensor4D>(inputs.sum!, ascent) : undefined;
  const direction = step === "normalized" ? tf.div<tf.Tensor4D>(ascent, gradientNorm(ascent)) : (sum ?? ascent);
  const moved = tf.add<tf.Tensor4D>(rolled, tf.mul(learningRate, direction));
  const clamped = tf.minimum<tf.Tensor4D>(tf.maximum(moved, low), high);
  return {
    x: blur ? blurred(rearranged(clamped, ...blur.back), ...blur.matrices) : clamped,
    logits: value as tf.Tensor1D,
    ...(sum && { sum }),
  };
}

/** Each image's own L2 norm; never 0, so that no gradient (or a grey image) means no step. [images, 1, 1, 1] */
export function gradientNorm(gradient: tf.Tensor4D): tf.Tensor4D {
  return tf.maximum(tf.sqrt(tf.sum(tf.square(gradient), [1, 2, 3], true)), 1e-20) as tf.Tensor4D;
}

/** The space (image − mean) / std of a model's own normalization; mean 0 and std 1 where it tells none. */
export function normalizedSpace({ normalization, inputShape, bounds }: VisionModel, own: Own): RecipeSpace {
  const channels = inputShape[2];
  const each = (values: readonly number[]): number[] =>
    Array.from({ length: channels }, (_, c) => values[c % values.length]);
  const mean = each(normalization?.mean ?? [0]),
    std = each(normalization?.std ?? [1]);
  const image = (values: readonly number[]): tf.Tensor4D =>
    own(tf.tidy(() => tf.tile(tf.tensor4d([...values], [1, 1, 1, channels]), [1, inputShape[0], inputShape[1], 1])));
  const ends = mean.map((value, c) => bounds.map((edge) => (edge - value) / std[c]));
  return {
    mean: image(mean),
    std: image(std),
    low: image(ends.map((two) => Math.min(...two))),
    high: image(ends.map((two) => Math.max(...two))),
  };
}
