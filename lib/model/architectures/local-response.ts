import * as tf from "@tensorflow/tfjs";

/**
 * Local response normalization across channels (Krizhevsky and others 2012), as Caffe defines it:
 * x / (1 + α/n · Σ x²)^β over the n nearest channels. Written with a product of matrices, since TF.js differentiates
 * its
 * own on some backends only.
 * @param x [batch, height, width, channels]
 * @param band from {@link channelBand}
 */
export function localResponse(
  x: tf.Tensor4D,
  band: tf.Tensor2D,
  alpha: number,
  beta: number,
  size: number,
): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const energy = tf.matMul(tf.reshape(tf.square(x), [-1, channels]) as tf.Tensor2D, band);
  const scale = tf.exp(tf.mul(-beta, tf.log(tf.add(1, tf.mul(alpha / size, energy)))));
  return tf.mul(x, tf.reshape(scale, [batch, height, width, channels]));
}

/** [channels, channels], 1 where two channels are at most size/2 apart. */
export function channelBand(channels: number, size: number): tf.Tensor2D {
  const near = (i: number, j: number): number => (Math.abs(i - j) <= (size - 1) / 2 ? 1 : 0);
  return tf.tensor2d(
    Array.from({ length: channels }, (_, i) => Array.from({ length: channels }, (_, j) => near(i, j))),
  );
}
