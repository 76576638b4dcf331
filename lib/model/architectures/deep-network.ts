import * as tf from "@tensorflow/tfjs";
import { boolean, checkOptions, integer, number, other, type Schema } from "../../core/options";

export interface DeepNetworkOptions {
  /** [height, width, channels] of one image. Each pooling halves height and width. */
  inputShape: [number, number, number];
  /** Number of classes. Integer ≥ 2. */
  classes: number;
  /**
   * How many of the six blocks end in a max-pooling, the first ones. Integer from 0 to 6.
   * Default: 6, made for 256×256; at 28×28 the last four are left out (2).
   */
  poolings?: number;
  /** Filters of the six convolutions, each ≥ 1. Default: [32, 48, 64, 64, 64, 64]. */
  filters?: readonly [number, number, number, number, number, number];
  /** Share of the last features dropped in training. Number from 0 to 1. Default: 0.4. */
  dropout?: number;
  /**
   * A batch normalization (Ioffe & Szegedy 2015) between each convolution and its ReLU: layers `norm1` … and `relu1` …;
   * the convolutions then have no biases. `foldNormalizations` takes them out again once trained. Default: false.
   */
  normalized?: boolean;
  /** Makes the initial weights repeatable. Integer. Default: 1. */
  seed?: number;
}

// What the architectures here have in common.
const isSizes = (value: unknown, count: number): boolean =>
  Array.isArray(value) && value.length === count && value.every((size) => Number.isInteger(size) && size > 0);
export const sizesOption = <T extends readonly number[]>(count: number, details: { default: T; help: string }) =>
  other<T>(`${count} integers ≥ 1`, { is: (value) => isSizes(value, count), ...details });
export const classifierOptions = {
  inputShape: other<[number, number, number]>("[height, width, channels]", {
    is: (value) => isSizes(value, 3),
    required: true,
    help: "of one image",
  }),
  classes: integer({ least: 2, required: true, help: "number of classes" }),
  seed: integer({ default: 1, help: "makes the initial weights repeatable" }),
};

export const deepNetworkOptions = {
  ...classifierOptions,
  poolings: integer({ least: 0, most: 6, default: 6, help: "how many of the six blocks end in a max-pooling" }),
  // 184,058 parameters at 28×28×1 with two poolings and ten classes.
  filters: sizesOption<NonNullable<DeepNetworkOptions["filters"]>>(6, {
    default: [32, 48, 64, 64, 64, 64],
    help: "filters of the six convolutions",
  }),
  dropout: number({ least: 0, most: 1, default: 0.4, help: "share of the last features dropped in training" }),
  normalized: boolean({ default: false, help: "a batch normalization between each convolution and its ReLU" }),
} satisfies Schema<DeepNetworkOptions>;

/**
 * The deep network: six 3×3 convolutions with ReLU, the first `poolings` of them followed by a 2×2 max-pooling,
 * then one dense layer. Written for 256×256 photographs; small pictures keep their resolution by leaving out the
 * last poolings. Layers: `conv1` … `conv6`, `pool1` …, `features`, `logits`, `softmax`.
 * @returns an untrained model, [batch, height, width, channels] in [0, 1] → [batch, classes] probabilities
 */
export function deepNetwork(options: DeepNetworkOptions): tf.LayersModel {
  const checked = checkOptions(deepNetworkOptions, options),
    { inputShape, classes, poolings, filters, dropout, normalized, seed } = checked;
  const input = tf.input({ shape: inputShape, name: "image" });
  let x: tf.SymbolicTensor = input;
  filters.forEach((count, block) => {
    x = tf.layers
      .conv2d({
        name: `conv${block + 1}`,
        filters: count,
        kernelSize: 3,
        padding: "same",
        ...(normalized ? { useBias: false } : { activation: "relu" }),
        kernelInitializer: tf.initializers.heNormal({ seed: seed * 100 + block }),
      })
      .apply(x) as tf.SymbolicTensor;
    if (normalized) {
      x = tf.layers.batchNormalization({ name: `norm${block + 1}` }).apply(x) as tf.SymbolicTensor;
      x = tf.layers.activation({ name: `relu${block + 1}`, activation: "relu" }).apply(x) as tf.SymbolicTensor;
    }
    if (block < poolings)
      x = tf.layers.maxPooling2d({ name: `pool${block + 1}`, poolSize: 2 }).apply(x) as tf.SymbolicTensor;
  });
  x = tf.layers.flatten({ name: "features" }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.dropout({ name: "dropout", rate: dropout }).apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .dense({
      name: "logits",
      units: classes,
      kernelInitializer: tf.initializers.glorotNormal({ seed: seed * 100 + 99 }),
    })
    .apply(x) as tf.SymbolicTensor;
  return tf.model({
    name: "deep-network",
    inputs: input,
    outputs: tf.layers.softmax({ name: "softmax" }).apply(x) as tf.SymbolicTensor,
  });
}
