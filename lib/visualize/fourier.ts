import * as tf from "@tensorflow/tfjs";
import { boolean, checkOptions, number, type Schema } from "../core/options";
import { badInput } from "../core/errors";
import { forwardDft, forwardMatrices, halfWidth, inverseDft, inverseMatrices } from "./dft";
import { noise } from "../core/noise";
import type { Parametrization } from "./parametrization";

export interface FourierOptions {
  /** How much less high frequencies move: each is divided by its own to this power. Number ≥ 0. Default: 1. */
  decay?: number;
  /** Undo the correlation of natural images' colours too; RGB only. Default: true for models of three channels. */
  decorrelate?: boolean;
  /** Of the noise it begins with. Number ≥ 0. Default: 0.01. */
  deviation?: number;
}

export const fourierOptions = {
  decay: number({
    least: 0,
    default: 1,
    help: "how much less high frequencies move: each is divided by its own to this power",
  }),
  decorrelate: boolean({
    rule: "true for models of three channels",
    help: "undo the correlation of natural images' colours too; RGB only",
  }),
  deviation: number({ least: 0, default: 0.01, help: "of the noise it begins with" }),
} satisfies Schema<FourierOptions>;

/**
 * Square root of the colours' covariance over ImageNet, as in lucid (Apache-2.0), scaled so that its longest column is
 * 1.
 */
const colours = (() => {
  const root = [
    [0.26, 0.09, 0.02],
    [0.27, 0, -0.05],
    [0.27, -0.09, 0.03],
  ];
  const longest = Math.max(...[0, 1, 2].map((column) => Math.hypot(...root.map((row) => row[column]))));
  return root.map((row) => row.map((value) => value / longest));
})();

/** Values this close to black or white become infinite under the inverse of the sigmoid. */
const edge = 1e-3;

/**
 * Spectrum and decorrelated colours instead of pixels, through a sigmoid: a step then changes all frequencies alike,
 * and
 * pictures come out smooth (Olah, Mordvintsev & Schubert 2017, "Feature Visualization", doi:10.23915/distill.00007).
 */
export function fourier(options: FourierOptions = {}): Parametrization {
  const { decay, decorrelate, deviation } = checkOptions(fourierOptions, options);
  return {
    name: "fourier",
    prepare({ inputShape: [height, width, channels], bounds: [low, high] }, own) {
      const mixed = decorrelate ?? channels === 3;
      if (mixed && channels !== 3)
        badInput({ what: "decorrelate", got: true, allowed: `false for ${channels} channels` });
      const inverse = inverseMatrices(height, width),
        forward = forwardMatrices(height, width);
      [inverse, forward].forEach(({ rows, columns }) => [rows, columns].forEach(own));
      const scale = own(frequencyScale(height, width, decay));
      const mixing = own(tf.tensor2d(colours)),
        unmixing = own(tf.tensor2d(inverted(colours)));
      const recoloured = (x: tf.Tensor4D, matrix: tf.Tensor2D): tf.Tensor4D =>
        mixed ? tf.reshape(tf.matMul(tf.reshape(x, [-1, 3]) as tf.Tensor2D, matrix, false, true), x.shape) : x;
      return {
        start: (images, seed) =>
          tf.tidy(() => tf.mul(noise(images, [2 * height, halfWidth(width), channels], seed), deviation)),
        images: (spectrum) =>
          tf.add(
            tf.mul(tf.sigmoid(recoloured(tf.div(inverseDft(tf.mul(spectrum, scale), inverse), 4), mixing)), high - low),
            low,
          ),
        of: (images) =>
          tf.tidy(() => {
            const share = tf.clipByValue(tf.div(tf.sub(images, low), high - low), edge, 1 - edge);
            const logits = tf.log(tf.div(share, tf.sub(1, share))) as tf.Tensor4D;
            return tf.div<tf.Tensor4D>(forwardDft(tf.mul(recoloured(logits, unmixing), 4), forward), scale);
          }),
      };
    },
  };
}

/** √(height · width) / max(frequency, 1/side)^decay, for real and imaginary parts. [1, 2 height, half, 1] */
function frequencyScale(height: number, width: number, decay: number): tf.Tensor4D {
  const half = halfWidth(width),
    values = new Float32Array(2 * height * half);
  for (let row = 0; row < 2 * height; row++)
    for (let column = 0; column < half; column++) {
      const y = row % height,
        frequency = Math.hypot(Math.min(y, height - y) / height, column / width);
      values[row * half + column] =
        Math.sqrt(height * width) / Math.max(frequency, 1 / Math.max(height, width)) ** decay;
    }
  return tf.tensor4d(values, [1, 2 * height, half, 1]);
}

/** Of a 3×3 matrix, by cofactors. */
function inverted(m: readonly (readonly number[])[]): number[][] {
  const cofactor = (i: number, j: number): number => {
    const [r, s] = [(i + 1) % 3, (i + 2) % 3],
      [p, q] = [(j + 1) % 3, (j + 2) % 3];
    return m[r][p] * m[s][q] - m[r][q] * m[s][p];
  };
  const determinant = [0, 1, 2].reduce((sum, j) => sum + m[0][j] * cofactor(0, j), 0);
  return [0, 1, 2].map((i) => [0, 1, 2].map((j) => cofactor(j, i) / determinant));
}
