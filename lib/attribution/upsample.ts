import * as tf from "@tensorflow/tfjs";

/**
 * Bilinear, pixels' centres at half-integers, as PyTorch's `interpolate(…, mode="bilinear")` does. Not for use under a
 * gradient: plain TensorFlow.js has a wrong one for these centres.
 * @returns [batch, height, width, channels]
 */
export function upsample(maps: tf.Tensor4D, [height, width]: readonly number[]): tf.Tensor4D {
  return tf.image.resizeBilinear(maps, [height, width], false, true);
}
