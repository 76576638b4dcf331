import * as tf from "@tensorflow/tfjs";
import { meetRectifier } from "../relu-rule";
import { correct } from "./register";

/**
 * TF.js's own gradients, right as they are, which also say that they were met: guided backprop and deconvolution are
 * not defined for rectifiers that let something pass below 0, and whoever runs these must know.
 */
export function countLeakyRectifiers(): void {
  correct<{ alpha: number }>({
    kernelName: "LeakyRelu",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], { alpha }) => {
      meetRectifier("leaky");
      return { x: () => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)) };
    },
  });
  correct({
    kernelName: "Prelu",
    inputsToSave: ["x", "alpha"],
    gradFunc: (dy, [x, alpha]) => {
      meetRectifier("leaky");
      const mask = tf.greater(x, 0);
      return {
        x: () => tf.where(mask, dy, tf.mul(dy, alpha)),
        alpha: () => {
          const each = tf.where(mask, tf.zerosLike(dy), tf.mul(dy, x));
          const axes = tf.broadcast_util.getReductionAxes(alpha.shape, dy.shape);
          return tf.reshape(axes.length > 0 ? tf.sum(each, axes) : each, alpha.shape);
        },
      };
    },
  });
}
