import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "../../../lib/model/vision-model";
import { random } from "../../../lib/core/random";

/** logits = Wᵀx + b on 4×3×2 images: what an attack has to find is known in closed form. */
export interface LinearModel extends VisionModel {
  /** [pixels][classes] */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export const linearShape = [4, 3, 2] as const;
const pixels = 24,
  classes = 4;

export function linearModel(seed = 3, normalization?: VisionModel["normalization"]): LinearModel {
  const source = random(seed);
  const weights = Array.from({ length: pixels }, () => Array.from({ length: classes }, () => source.normal()));
  const bias = Array.from({ length: classes }, () => 0.3 * source.normal());
  const logits = (images: tf.Tensor4D): tf.Tensor2D =>
    tf.tidy(() =>
      tf.add(tf.matMul(tf.reshape(images, [-1, pixels]) as tf.Tensor2D, tf.tensor2d(weights)), tf.tensor1d(bias)),
    );
  const unused = (): never => {
    throw new Error("The linear model offers logits only.");
  };
  return {
    weights,
    bias,
    name: "linear",
    inputShape: linearShape,
    bounds: [0, 1],
    classNames: ["a", "b", "c", "d"],
    logits,
    ...(normalization && { normalization }),
    probabilities: (images) => tf.tidy(() => tf.softmax(logits(images as tf.Tensor4D))),
    predict: unused,
    layers: unused,
    activations: unused,
    dispose: () => undefined,
  };
}

/** Images about the middle of the bounds, so that small perturbations are not cut off. */
export function linearImages(count: number, seed = 8): tf.Tensor4D {
  const source = random(seed);
  return tf.tensor4d(
    Float32Array.from({ length: count * pixels }, () => 0.4 + 0.2 * source.uniform()),
    [count, ...linearShape],
  );
}

export const imagesOf = (tensor: tf.Tensor): number[][] => tensor.reshape([-1, pixels]).arraySync() as number[][];
export const logitsOf = ({ weights, bias }: LinearModel, image: readonly number[]): number[] =>
  bias.map((b, c) => image.reduce((sum, value, p) => sum + value * weights[p][c], b));
export const predictedBy = (model: LinearModel, image: readonly number[]): number => {
  const logits = logitsOf(model, image);
  return logits.indexOf(Math.max(...logits));
};
/** The weights that raise class `to` against class `from`. */
export const direction = ({ weights }: LinearModel, to: number, from: number): number[] =>
  weights.map((row) => row[to] - row[from]);
export const length = (vector: readonly number[]): number => Math.hypot(...vector);
/** Distance to the plane where two classes have the same logit. */
export const planeDistance = (model: LinearModel, image: readonly number[], to: number, from: number): number => {
  const logits = logitsOf(model, image);
  return (logits[from] - logits[to]) / length(direction(model, to, from));
};
