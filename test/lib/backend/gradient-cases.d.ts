import * as tf from "@tensorflow/tfjs";
/** Functions whose gradients are checked on every backend, each with the shape of its input. */
export declare const cases: [name: string, shape: number[], f: (x: tf.Tensor) => tf.Tensor][];
