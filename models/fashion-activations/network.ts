import * as tf from "@tensorflow/tfjs";

export type Activation = "relu" | "tanh" | "sigmoid";

/**
 * A small network for garments: three 3×3 convolutions and a dense layer. Only the activation differs; the start is
 * what suits it.
 * @returns an untrained model, [batch, 28, 28, 1] in [0, 1] → [batch, 10] probabilities
 */
export function smallNetwork(activation: Activation, seed = 1): tf.LayersModel {
  const input = tf.input({ shape: [28, 28, 1], name: "image" });
  const initializer = (layer: number): ReturnType<typeof tf.initializers.heNormal> =>
    activation === "relu"
      ? tf.initializers.heNormal({ seed: seed * 100 + layer })
      : tf.initializers.glorotNormal({ seed: seed * 100 + layer });
  let x: tf.SymbolicTensor = input;
  [16, 32, 32].forEach((filters, block) => {
    x = tf.layers
      .conv2d({
        name: `conv${block + 1}`,
        filters,
        kernelSize: 3,
        padding: "same",
        activation,
        kernelInitializer: initializer(block),
      })
      .apply(x) as tf.SymbolicTensor;
    if (block < 2) x = tf.layers.maxPooling2d({ name: `pool${block + 1}`, poolSize: 2 }).apply(x) as tf.SymbolicTensor;
  });
  x = tf.layers.flatten({ name: "features" }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.dense({ name: "logits", units: 10, kernelInitializer: initializer(9) }).apply(x) as tf.SymbolicTensor;
  return tf.model({
    name: `small-${activation}`,
    inputs: input,
    outputs: tf.layers.softmax({ name: "softmax" }).apply(x) as tf.SymbolicTensor,
  });
}
