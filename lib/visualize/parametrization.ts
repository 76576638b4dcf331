import * as tf from "@tensorflow/tfjs";
import type { Own } from "../core/tensors";
import type { VisionModel } from "../model/vision-model";
import { noise } from "../core/noise";

/** What is really changed when an image is optimized, and how an image comes of it. */
export interface Parametrization {
  /** For people. */
  readonly name: string;
  /** For one model. Tensors that last through the run are owned by the scope. */
  prepare(model: VisionModel, own: Own): ReadyParametrization;
}

export interface ReadyParametrization {
  /** Parameters of random images; none depends on how many there are. Rank 4, the first axis counts the images. */
  start(images: number, seed: number): tf.Tensor4D;
  /** Parameters of given images. @param images in the model's bounds */
  of(images: tf.Tensor4D): tf.Tensor4D;
  /** Pure, and differentiable. @returns [images, height, width, channels] in the model's bounds */
  images(parameters: tf.Tensor4D): tf.Tensor4D;
  /** After each step. Pure. Default: nothing. */
  constrain?(parameters: tf.Tensor4D): tf.Tensor4D;
}

/**
 * The pixels themselves, clipped to the model's bounds after each step.
 * @param deviation of the grey noise it begins with, as a part of the bounds' range. Number ≥ 0. Default: 0.05.
 */
export function pixels({ deviation = 0.05 }: { deviation?: number } = {}): Parametrization {
  return {
    name: "pixels",
    prepare({ bounds: [low, high], inputShape }) {
      const constrain = (x: tf.Tensor4D): tf.Tensor4D => tf.clipByValue(x, low, high);
      return {
        start: (images, seed) =>
          tf.tidy(() =>
            constrain(tf.add(tf.mul(noise(images, inputShape, seed), deviation * (high - low)), (low + high) / 2)),
          ),
        of: (images) => tf.clone(images),
        images: (x) => tf.clone(x),
        constrain,
      };
    },
  };
}
