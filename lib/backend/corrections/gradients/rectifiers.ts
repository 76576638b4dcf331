// Gradients of ReLU and its kin, by the rule in force.
import * as tf from "@tensorflow/tfjs";
import { nativeOp, nativeOpsUsable } from "../../engine/native-backend";
import { meetRectifier, throughRectifier } from "../../relu-rule";
import { correct } from "./register";

/**
 * TF.js computes ReLU's gradient as step(y) · dy: right, but two generic ops where TensorFlow has one, 7 to 15 times
 * faster. And guided backprop and deconvolution need another rule here; making it state that `inputGradient` sets again
 * at every call, instead of registering another gradient for a while, leaves nothing wrong behind when an interrupt
 * ends the call.
 */
export function correctRelu(): void {
  correct({
    kernelName: "Relu",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () =>
        throughRectifier(dy, (given) => (nativeOpsUsable() ? nativeOp("ReluGrad", [given, y]) : given.mul(tf.step(y)))),
    }),
  });
}

/**
 * ReLU6 (MobileNet's): as ReLU, and nothing passes where the output is held at 6. TF.js lets dy pass at exactly 6;
 * TensorFlow and PyTorch do not.
 */
export function correctRelu6(): void {
  correct({
    kernelName: "Relu6",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () =>
        throughRectifier(dy, (given) =>
          nativeOpsUsable()
            ? nativeOp("Relu6Grad", [given, y])
            : given.mul(tf.step(y)).mul(tf.cast(tf.less(y, 6), "float32")),
        ),
    }),
  });
}

/**
 * As a rectifier that is written as other ops: `value` forward, and backward what the rule in force says.
 * @param open 1 where the derivative is 1, else 0; in the shape of x
 */
export function rectifiedAs(
  x: tf.Tensor,
  value: (x: tf.Tensor) => tf.Tensor,
  open: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return tf.customGrad((at: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    // Saved, since whoever runs the network may free what `open` reads before the gradient is asked for.
    (save as tf.GradSaveFunc)([open(at as tf.Tensor)]);
    return {
      value: value(at as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => throughRectifier(dy, (given) => tf.mul(given, saved[0])),
    };
  })(x);
}

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
