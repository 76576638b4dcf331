// What is really changed when an image is optimized: its pixels, or its spectrum.

import * as tf from "@tensorflow/tfjs";
import { checkOptions, number, type Schema, boolean } from "../core/options";
import type { Own } from "../core/tensors";
import type { VisionModel } from "../model/vision-model";
import { noise } from "../core/noise";
import { alongAxis } from "../core/gaussian-blur";
import { badInput } from "../core/errors";

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

interface PixelsOptions {
  /** Of the grey noise it begins with, as a part of the bounds' range. Number ≥ 0. Default: 0.05. */
  deviation?: number;
}

export const pixelsOptions = {
  deviation: number({
    least: 0,
    default: 0.05,
    unit: "of the bounds' range",
    help: "of the grey noise it begins with",
  }),
} satisfies Schema<PixelsOptions>;

/** The pixels themselves, clipped to the model's bounds after each step. */
export function pixels(options: PixelsOptions = {}): Parametrization {
  const { deviation } = checkOptions(pixelsOptions, options);
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

/*
 * The discrete Fourier transform of real images as products with matrices, since TF.js has no gradient for its FFT. A
 * spectrum is
 * [images, 2 · height, ⌊width/2⌋ + 1, channels]: the real parts of all rows, below them the imaginary parts; as in
 * NumPy's rfft2,
 * the other half of the columns follows from this one.
 */

interface DftMatrices {
  readonly rows: tf.Tensor2D;
  readonly columns: tf.Tensor2D;
}

const halfWidth = (width: number): number => Math.floor(width / 2) + 1;

/** From spectrum to image: [2 height, 2 height] and [2 half, width]. */
export function inverseMatrices(height: number, width: number): DftMatrices {
  const half = halfWidth(width);
  const twice = (f: number): number => (f === 0 || 2 * f === width ? 1 : 2);
  return {
    rows: filled(2 * height, 2 * height, (i, j) => rotation(i, j, height, +1) / height),
    columns: filled(2 * half, width, (i, x) => {
      const f = i % half,
        angle = (2 * Math.PI * ((f * x) % width)) / width;
      return ((i < half ? Math.cos(angle) : -Math.sin(angle)) * twice(f)) / width;
    }),
  };
}

/** From image to spectrum: [2 height, 2 height] and [width, 2 half]. */
export function forwardMatrices(height: number, width: number): DftMatrices {
  const half = halfWidth(width);
  return {
    rows: filled(2 * height, 2 * height, (i, j) => rotation(i, j, height, -1)),
    columns: filled(width, 2 * half, (x, i) => {
      const angle = (2 * Math.PI * (((i % half) * x) % width)) / width;
      return i < half ? Math.cos(angle) : -Math.sin(angle);
    }),
  };
}

/** @param spectrum [images, 2 height, half, channels] @returns [images, height, width, channels] */
export function inverseDft(spectrum: tf.Tensor4D, { rows, columns }: DftMatrices): tf.Tensor4D {
  const [count, twiceHeight, half, channels] = spectrum.shape,
    height = twiceHeight / 2,
    width = columns.shape[1];
  const turned = tf.reshape(alongAxis(spectrum, rows, 1), [count, 2, height, half, channels]);
  const lines = tf.reshape(tf.transpose(turned, [0, 2, 4, 1, 3]), [count * height * channels, 2 * half]) as tf.Tensor2D;
  return tf.transpose(
    tf.reshape(tf.matMul(lines, columns), [count, height, channels, width]),
    [0, 1, 3, 2],
  ) as tf.Tensor4D;
}

/** @param images [images, height, width, channels] @returns [images, 2 height, half, channels] */
export function forwardDft(images: tf.Tensor4D, { rows, columns }: DftMatrices): tf.Tensor4D {
  const [count, height, width, channels] = images.shape,
    half = halfWidth(width);
  const lines = tf.reshape(tf.transpose(images, [0, 1, 3, 2]), [count * height * channels, width]) as tf.Tensor2D;
  const halves = tf.transpose(
    tf.reshape(tf.matMul(lines, columns), [count, height, channels, 2, half]),
    [0, 3, 1, 4, 2],
  );
  return alongAxis(tf.reshape(halves, [count, 2 * height, half, channels]) as tf.Tensor4D, rows, 1);
}

/** e^{±2πi·row·frequency/size} as a real matrix on (real parts, imaginary parts). */
function rotation(i: number, j: number, size: number, sign: number): number {
  const angle = (sign * 2 * Math.PI * (((i % size) * (j % size)) % size)) / size;
  if (i < size === j < size) return Math.cos(angle);
  return i < size ? -Math.sin(angle) : Math.sin(angle);
}

function filled(height: number, width: number, at: (i: number, j: number) => number): tf.Tensor2D {
  const values = new Float32Array(height * width);
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) values[i * width + j] = at(i, j);
  return tf.tensor2d(values, [height, width]);
}

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
 * and pictures come out smooth (Olah, Mordvintsev & Schubert 2017, "Feature Visualization",
 * doi:10.23915/distill.00007).
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
