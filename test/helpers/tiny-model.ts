import * as tf from "@tensorflow/tfjs";
import type { LayerInfo, LayerTap, VisionModel } from "../../lib/model/vision-model";
import { random } from "../../lib/core/random";

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
  const normals = (count: number, deviation: number): Float32Array =>
    Float32Array.from({ length: count }, () => deviation * source.normal());
  const features = activation === "relu" ? 3 * 2 * 3 : 6 * 5 * 3;
  return {
    activation,
    kernel1: normals(3 * 3 * 2 * 4, 0.5),
    bias1: normals(4, 0.2),
    kernel2: normals(3 * 3 * 4 * 3, 0.4),
    bias2: normals(3, 0.2),
    dense: normals(features * 4, 0.7),
    bias3: normals(4, 0.2),
  };
}

/** Every call makes its tensors again, so that the model works on any backend and holds nothing. */
export function tinyModel(weights: TinyWeights): VisionModel {
  const active = weights.activation === "relu" ? tf.relu : tf.tanh;
  const pooled = weights.activation === "relu" ? [3, 2] : [6, 5];
  const layers: LayerInfo[] = [
    { name: "conv1", kind: "Conv2D", outputShape: [6, 5, 4] },
    { name: "act1", kind: "Activation", outputShape: [6, 5, 4] },
    ...(weights.activation === "relu" ? [{ name: "pool1", kind: "MaxPooling2D", outputShape: [3, 2, 4] }] : []),
    { name: "conv2", kind: "Conv2D", outputShape: [...pooled, 3] },
    { name: "act2", kind: "Activation", outputShape: [...pooled, 3] },
    { name: "dense", kind: "Dense", outputShape: [4] },
  ];
  const logits = (images: tf.Tensor4D, see: LayerTap = (_, output) => output): tf.Tensor2D =>
    tf.tidy(() => {
      const tap = (layer: string, output: tf.Tensor): tf.Tensor4D => see(layer, output) as tf.Tensor4D;
      let x = tap(
        "conv1",
        tf.add(tf.conv2d(images, tf.tensor4d(weights.kernel1, [3, 3, 2, 4]), 1, "same"), tf.tensor1d(weights.bias1)),
      );
      x = tap("act1", active(x));
      if (weights.activation === "relu") x = tap("pool1", tf.maxPool(x, 2, 2, "valid"));
      x = tap(
        "conv2",
        tf.add<tf.Tensor4D>(
          tf.conv2d(x, tf.tensor4d(weights.kernel2, [3, 3, 4, 3]), 1, "same"),
          tf.tensor1d(weights.bias2),
        ),
      );
      x = tap("act2", active(x));
      const flat = tf.reshape(x, [images.shape[0], -1]) as tf.Tensor2D;
      return tf.add<tf.Tensor2D>(
        tf.matMul(flat, tf.tensor2d(weights.dense, [flat.shape[1], 4])),
        tf.tensor1d(weights.bias3),
      );
    });
  const activations = (images: tf.Tensor4D, layer: string): tf.Tensor =>
    tf.tidy(() => {
      let seen: tf.Tensor | undefined;
      logits(images, (name, output) => (name === layer ? (seen = tf.keep(tf.clone(output))) : output));
      const result = tf.clone(seen!);
      seen!.dispose();
      return result;
    });
  const unused = (): never => {
    throw new Error("The tiny model does not predict.");
  };
  return {
    name: `tiny-${weights.activation}`,
    inputShape: tinyShape,
    bounds: [0, 1],
    classNames: tinyClasses,
    logits,
    probabilities: (images) => tf.tidy(() => tf.softmax(logits(images as tf.Tensor4D))),
    predict: unused,
    layers: () => layers,
    activations,
    dispose: () => undefined,
  };
}

/** Repeatable pixels in (0.05, 0.95): inside the bounds, also for a finite difference. */
export function tinyPixelsOf(count: number, seed = 7): Float32Array {
  const source = random(seed);
  return Float32Array.from({ length: count * tinyPixels }, () => 0.05 + 0.9 * source.uniform());
}

export const tinyImages = (pixels: Float32Array): tf.Tensor4D =>
  tf.tensor4d(pixels, [pixels.length / tinyPixels, ...tinyShape]);
