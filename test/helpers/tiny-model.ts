import * as tf from "@tensorflow/tfjs";
import type { VisionModel } from "../../lib/model/vision-model";
import { random } from "../../lib/util/random";

/**
 * Two 3×3 convolutions and a dense layer on 6×5×2 images, four classes, with the weights in plain arrays so that an
 * oracle can compute it without TensorFlow.js. `relu`: ReLU and a max-pooling, as real networks have. `smooth`: tanh
 * and no pooling, for finite differences.
 */
export interface TinyWeights {
  readonly activation: "relu" | "smooth";
  /** [3, 3, 2, 4], [4], [3, 3, 4, 3], [3], [features, 4], [4], row-major. */
  readonly kernel1: Float32Array;
  readonly bias1: Float32Array;
  readonly kernel2: Float32Array;
  readonly bias2: Float32Array;
  readonly dense: Float32Array;
  readonly bias3: Float32Array;
}

export const tinyShape = [6, 5, 2] as const;
export const tinyPixels = 6 * 5 * 2;
export const tinyClasses = ["ant", "bee", "cat", "Cat"];

export function tinyWeights(activation: TinyWeights["activation"], seed = 1): TinyWeights {
  const source = random(seed);
  const normals = (count: number, deviation: number): Float32Array => Float32Array.from({ length: count }, () => deviation * source.normal());
  const features = activation === "relu" ? 3 * 2 * 3 : 6 * 5 * 3;
  return {
    activation,
    kernel1: normals(3 * 3 * 2 * 4, 0.5), bias1: normals(4, 0.2),
    kernel2: normals(3 * 3 * 4 * 3, 0.4), bias2: normals(3, 0.2),
    dense: normals(features * 4, 0.7), bias3: normals(4, 0.2),
  };
}

/** Every call makes its tensors anew, so that the model works on any backend and holds nothing. */
export function tinyModel(weights: TinyWeights): VisionModel {
  const active = weights.activation === "relu" ? tf.relu : tf.tanh;
  const logits = (images: tf.Tensor4D): tf.Tensor2D => tf.tidy(() => {
    let x: tf.Tensor4D = tf.add(tf.conv2d(images, tf.tensor4d(weights.kernel1, [3, 3, 2, 4]), 1, "same"), tf.tensor1d(weights.bias1));
    x = active(x);
    if (weights.activation === "relu") x = tf.maxPool(x, 2, 2, "valid");
    x = active(tf.add<tf.Tensor4D>(tf.conv2d(x, tf.tensor4d(weights.kernel2, [3, 3, 4, 3]), 1, "same"), tf.tensor1d(weights.bias2)));
    const flat = tf.reshape(x, [images.shape[0], -1]) as tf.Tensor2D;
    return tf.add<tf.Tensor2D>(tf.matMul(flat, tf.tensor2d(weights.dense, [flat.shape[1], 4])), tf.tensor1d(weights.bias3));
  });
  const unused = (): never => {
    throw new Error("The tiny model offers logits only.");
  };
  return {
    name: `tiny-${weights.activation}`, inputShape: tinyShape, bounds: [0, 1], classNames: tinyClasses, logits,
    probabilities: (images) => tf.tidy(() => tf.softmax(logits(images))),
    predict: unused, layers: unused, activations: unused, dispose: () => undefined,
  };
}

/** Repeatable pixels in (0.05, 0.95): inside the bounds, also for a finite difference. */
export function tinyPixelsOf(count: number, seed = 7): Float32Array {
  const source = random(seed);
  return Float32Array.from({ length: count * tinyPixels }, () => 0.05 + 0.9 * source.uniform());
}

export const tinyImages = (pixels: Float32Array): tf.Tensor4D => tf.tensor4d(pixels, [pixels.length / tinyPixels, ...tinyShape]);
