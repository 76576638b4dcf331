import * as tf from "@tensorflow/tfjs";
import { checkOptions, integer, type Schema } from "../../core/options";

/** Numbers that say what one garment of a class looks like: the latent dimension of the variational autoencoder. */
export const latentSize = 10;

export interface GarmentNetworkOptions {
  /** Number of classes. Integer ≥ 1. Default: 10. */
  classes?: number;
  /** Makes the initial weights repeatable. Integer. Default: 1. */
  seed?: number;
}

export const garmentNetworkOptions = {
  classes: integer({ least: 1, default: 10, help: "number of classes" }),
  seed: integer({ default: 1, help: "makes the initial weights repeatable" }),
} satisfies Schema<GarmentNetworkOptions>;

const initial = (seed: number, layer: number) => tf.initializers.heNormal({ seed: seed * 100 + layer });

/**
 * The decoder of a conditional variational autoencoder (Kingma & Welling 2014; Sohn, Lee & Yan 2015): draws a
 * 28×28 garment from `latentSize` normal numbers and a one-hot class.
 * @returns an untrained model, [batch, latentSize + classes] → [batch, 28, 28, 1] in [0, 1]
 */
export function garmentDecoder(options: GarmentNetworkOptions = {}): tf.LayersModel {
  const { classes, seed } = checkOptions(garmentNetworkOptions, options);
  const input = tf.input({ shape: [latentSize + classes], name: "latentAndClass" });
  const conv = (x: tf.SymbolicTensor, layer: number, filters: number) =>
    tf.layers
      .conv2d({
        name: `conv${layer}`,
        filters,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: initial(seed, layer),
      })
      .apply(x) as tf.SymbolicTensor;
  const grow = (x: tf.SymbolicTensor, layer: number) =>
    tf.layers.upSampling2d({ name: `up${layer}`, size: [2, 2] }).apply(x) as tf.SymbolicTensor;

  let x = tf.layers
    .dense({ name: "dense", units: 7 * 7 * 24, activation: "relu", kernelInitializer: initial(seed, 0) })
    .apply(input) as tf.SymbolicTensor;
  x = tf.layers.reshape({ name: "grid", targetShape: [7, 7, 24] }).apply(x) as tf.SymbolicTensor;
  x = conv(x, 1, 48);
  x = conv(grow(x, 1), 2, 32);
  x = conv(grow(x, 2), 3, 16);
  const output = tf.layers
    .conv2d({
      name: "picture",
      filters: 1,
      kernelSize: 3,
      padding: "same",
      activation: "sigmoid",
      kernelInitializer: initial(seed, 4),
    })
    .apply(x);
  return tf.model({ name: "garment-decoder", inputs: input, outputs: output as tf.SymbolicTensor });
}

/**
 * The encoder that the decoder is trained with; not needed afterwards.
 * @returns [batch, 28, 28, 1] and [batch, classes] → [batch, 2 · latentSize]: means, then log-variances
 */
export function garmentEncoder(options: GarmentNetworkOptions = {}): tf.LayersModel {
  const { classes, seed } = checkOptions(garmentNetworkOptions, options);
  const picture = tf.input({ shape: [28, 28, 1], name: "image" }),
    label = tf.input({ shape: [classes], name: "class" });
  const conv = (x: tf.SymbolicTensor, layer: number, filters: number) =>
    tf.layers
      .conv2d({
        name: `encode${layer}`,
        filters,
        kernelSize: 3,
        strides: 2,
        padding: "same",
        activation: "relu",
        kernelInitializer: initial(seed, 10 + layer),
      })
      .apply(x) as tf.SymbolicTensor;
  let x = tf.layers.flatten({ name: "flat" }).apply(conv(conv(picture, 1, 24), 2, 48)) as tf.SymbolicTensor;
  x = tf.layers.concatenate({ name: "withClass" }).apply([x, label]) as tf.SymbolicTensor;
  x = tf.layers
    .dense({ name: "hidden", units: 128, activation: "relu", kernelInitializer: initial(seed, 13) })
    .apply(x) as tf.SymbolicTensor;
  const output = tf.layers
    .dense({
      name: "meanAndLogVariance",
      units: 2 * latentSize,
      kernelInitializer: tf.initializers.glorotNormal({ seed: seed * 100 + 14 }),
    })
    .apply(x);
  return tf.model({ name: "garment-encoder", inputs: [picture, label], outputs: output as tf.SymbolicTensor });
}
