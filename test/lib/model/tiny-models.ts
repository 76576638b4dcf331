import * as tf from "@tensorflow/tfjs";

/** conv → two branches (conv, pooling + conv) → add → flatten → dense → Softmax layer. [5, 5, 2] → 3 classes. */
export function branched(): tf.LayersModel {
  const input = tf.input({ shape: [5, 5, 2], name: "picture" });
  const stem = tf.layers
    .conv2d({
      name: "stem",
      filters: 4,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
    })
    .apply(input);
  const left = tf.layers
    .conv2d({ name: "left", filters: 3, kernelSize: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) })
    .apply(stem);
  const pool = tf.layers.averagePooling2d({ name: "pool", poolSize: 3, strides: 1, padding: "same" }).apply(stem);
  const right = tf.layers
    .conv2d({
      name: "right",
      filters: 3,
      kernelSize: 3,
      padding: "same",
      kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
    })
    .apply(pool);
  const sum = tf.layers.add({ name: "sum" }).apply([left, right] as tf.SymbolicTensor[]);
  const flat = tf.layers.flatten({ name: "flat" }).apply(sum);
  const scores = tf.layers
    .dense({ name: "scores", units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }) })
    .apply(flat);
  return tf.model({
    name: "branched",
    inputs: input,
    outputs: tf.layers.softmax({ name: "softmax" }).apply(scores) as tf.SymbolicTensor,
  });
}

/**
 * Sequential, batch norm with moving averages of its own, dropout, softmax inside the last dense layer. [4, 4, 1] → 3.
 */
export function sequential(): tf.Sequential {
  const model = tf.sequential({
    name: "in-line",
    layers: [
      tf.layers.conv2d({
        name: "conv",
        inputShape: [4, 4, 1],
        filters: 2,
        kernelSize: 2,
        kernelInitializer: tf.initializers.glorotNormal({ seed: 5 }),
      }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.activation({ name: "relu", activation: "relu" }),
      tf.layers.dropout({ name: "drop", rate: 0.9 }),
      tf.layers.flatten({ name: "flat" }),
      tf.layers.dense({
        name: "probabilities",
        units: 3,
        activation: "softmax",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 6 }),
      }),
    ],
  });
  const values = [
    [1.5, 0.7],
    [0.6, 0.4],
    [0.3, -0.1],
    [0.8, 1.9],
  ].map((row) => tf.tensor1d(row));
  model.getLayer("norm").setWeights(values);
  tf.dispose(values);
  return model;
}

/**
 * A network whose body is a network, called on one input; the body's convolution may have the name of one outside. [4,
 * 4, 1] → 2.
 */
export function nested(innerName = "inner-conv"): tf.LayersModel {
  const inner = tf.input({ shape: [4, 4, 2], name: "inner" });
  const body = tf.model({
    name: "body",
    inputs: inner,
    outputs: tf.layers.globalAveragePooling2d({ name: "mean" }).apply(
      tf.layers
        .conv2d({
          name: innerName,
          filters: 3,
          kernelSize: 2,
          activation: "relu",
          kernelInitializer: tf.initializers.glorotNormal({ seed: 7 }),
        })
        .apply(inner),
    ) as tf.SymbolicTensor,
  });
  const input = tf.input({ shape: [4, 4, 1], name: "outer" });
  const first = tf.layers
    .conv2d({ name: "conv", filters: 2, kernelSize: 1, kernelInitializer: tf.initializers.glorotNormal({ seed: 8 }) })
    .apply(input);
  const scores = tf.layers
    .dense({ name: "scores", units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 9 }) })
    .apply(body.apply(first));
  return tf.model({ name: "nested", inputs: input, outputs: scores as tf.SymbolicTensor });
}

export const threeNames = ["cat", "dog", "boat"];

/** Values in [0, 1] that are the same every time. */
export function pictures(shape: [number, number, number, number], seed = 11): tf.Tensor4D {
  return tf.randomUniform(shape, 0, 1, "float32", seed);
}

/** The message of the error that `work` throws; fails if it throws none. */
export async function messageOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("Nothing was thrown.");
}
