import * as tf from "@tensorflow/tfjs";
import { checkOptions, number, type Schema } from "../../core/options";
import { classifierOptions, sizesOption } from "./deep-network";

export interface AlexNetOptions {
  /** [height, width, channels] of one image. */
  inputShape: [number, number, number];
  /** Number of classes. Integer ≥ 2. */
  classes: number;
  /** Units of the two hidden dense layers. Default: [2048, 1024], for 10.6 million parameters at 28×28×1. */
  units?: [number, number];
  /** Share of the hidden units dropped in training. Number from 0 to 1. Default: 0.5, the paper's. */
  dropout?: number;
  /** Makes the initial weights repeatable. Integer. Default: 1. */
  seed?: number;
}

export const alexNetOptions = {
  ...classifierOptions,
  units: sizesOption<[number, number]>(2, { default: [2048, 1024], help: "units of the two hidden dense layers" }),
  dropout: number({ least: 0, most: 1, default: 0.5, help: "share of the hidden units dropped in training" }),
} satisfies Schema<AlexNetOptions>;

/**
 * AlexNet (Krizhevsky, Sutskever & Hinton 2012, doi:10.1145/3065386) for small pictures: its five convolutions,
 * without its last two max-poolings, which 28×28 pixels do not survive, and with smaller dense layers.
 * Layers: `conv1` … `conv5`, `pool1`, `fc6`, `fc7`, `logits`, `softmax`.
 * @returns an untrained model, [batch, height, width, channels] in [0, 1] → [batch, classes] probabilities
 */
export function alexNet(options: AlexNetOptions): tf.LayersModel {
  const { inputShape, classes, units, dropout, seed } = checkOptions(alexNetOptions, options);
  const input = tf.input({ shape: inputShape, name: "image" });
  const initial = (layer: number) => tf.initializers.heNormal({ seed: seed * 100 + layer });
  const conv = (x: tf.SymbolicTensor, layer: number, count: number, kernelSize: number, strides = 1) =>
    tf.layers
      .conv2d({
        name: `conv${layer}`,
        filters: count,
        kernelSize,
        strides,
        padding: "same",
        activation: "relu",
        kernelInitializer: initial(layer),
      })
      .apply(x) as tf.SymbolicTensor;
  const hidden = (x: tf.SymbolicTensor, layer: number, count: number) =>
    tf.layers
      .dropout({ name: `drop${layer}`, rate: dropout })
      .apply(
        tf.layers
          .dense({ name: `fc${layer}`, units: count, activation: "relu", kernelInitializer: initial(layer) })
          .apply(x),
      ) as tf.SymbolicTensor;

  let x = conv(input, 1, 96, 11, 4);
  x = tf.layers.maxPooling2d({ name: "pool1", poolSize: 3, strides: 2 }).apply(x) as tf.SymbolicTensor;
  x = conv(x, 2, 256, 5);
  x = conv(x, 3, 384, 3);
  x = conv(x, 4, 384, 3);
  x = conv(x, 5, 256, 3);
  x = tf.layers.flatten({ name: "features" }).apply(x) as tf.SymbolicTensor;
  x = hidden(hidden(x, 6, units[0]), 7, units[1]);
  x = tf.layers.dense({ name: "logits", units: classes, kernelInitializer: initial(8) }).apply(x) as tf.SymbolicTensor;
  return tf.model({
    name: "alexnet",
    inputs: input,
    outputs: tf.layers.softmax({ name: "softmax" }).apply(x) as tf.SymbolicTensor,
  });
}
