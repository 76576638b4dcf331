import * as tf from "@tensorflow/tfjs";
import { alongAxis } from "./gaussian-blur";

/*
 * The discrete Fourier transform of real images as products with matrices, since TF.js has no gradient for its FFT. A
 * spectrum is
 * [images, 2 · height, ⌊width/2⌋ + 1, channels]: the real parts of all rows, below them the imaginary parts; as in
 * NumPy's rfft2,
 * the other half of the columns follows from this one.
 */

export interface DftMatrices {
  readonly rows: tf.Tensor2D;
  readonly columns: tf.Tensor2D;
}

export const halfWidth = (width: number): number => Math.floor(width / 2) + 1;

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
