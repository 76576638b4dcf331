import * as tf from "@tensorflow/tfjs";
import type { Affine } from "./affine";

/** What lies beyond the edges: a pixel value, the image again, its outermost pixels, or its mirror image. */
export type Outside = number | "wrap" | "edge" | "mirror";

/** How each pixel of the result is mixed: one weight and one source for each of its taps. */
export interface Taps {
  /** int32 [pixels]; height · width stands for what is outside. */
  readonly sources: readonly tf.Tensor1D[];
  /** [pixels, 1] */
  readonly weights: readonly tf.Tensor2D[];
  /** What is outside. */
  readonly fill: tf.Scalar;
}

/**
 * The bilinear taps of a map: TF.js has no gradient for its own rotation and affine transform. Shifts by whole pixels
 * need
 * one tap each instead of four.
 */
export function bilinearTaps(
  { a, b, c, d, dx, dy }: Affine,
  [height, width]: readonly [number, number],
  outside: Outside,
): Taps {
  const middleX = (width - 1) / 2,
    middleY = (height - 1) / 2,
    pixels = height * width;
  const sources = Array.from({ length: 4 }, () => new Int32Array(pixels)),
    weights = Array.from({ length: 4 }, () => new Float32Array(pixels));
  const outsideX = onto(width, outside),
    outsideY = onto(height, outside);
  let exact = true;
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < width; column++, at++) {
      const x = column - middleX,
        y = row - middleY;
      const sourceX = tidied(a * x + b * y + dx + middleX),
        sourceY = tidied(c * x + d * y + dy + middleY);
      const left = Math.floor(sourceX),
        top = Math.floor(sourceY);
      const right = sourceX - left,
        low = sourceY - top;
      if (right !== 0 || low !== 0) exact = false;
      for (let tap = 0; tap < 4; tap++) {
        const inX = outsideX(left + (tap & 1)),
          inY = outsideY(top + (tap >> 1));
        sources[tap][at] = inX < 0 || inY < 0 ? pixels : inY * width + inX;
        weights[tap][at] = ((tap & 1) === 0 ? 1 - right : right) * (tap >> 1 === 0 ? 1 - low : low);
      }
    }
  const count = exact ? 1 : 4;
  return {
    sources: sources.slice(0, count).map((indices) => tf.tensor1d(indices, "int32")),
    weights: weights.slice(0, count).map((values) => tf.tensor2d(values, [pixels, 1])),
    fill: tf.scalar(typeof outside === "number" ? outside : 0),
  };
}

/** Mixes the images by their taps. Pure, and differentiable. @param images [batch, height, width, channels] */
export function sampled(images: tf.Tensor4D, { sources, weights, fill }: Taps): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  const pixels = tf.reshape(tf.transpose(images, [1, 2, 0, 3]), [height * width, count * channels]);
  const all = tf.concat([pixels, tf.mul(tf.ones([1, count * channels]), fill)]);
  const parts = sources.map((indices, tap) => tf.mul(tf.gather(all, indices), weights[tap]));
  const mixed = parts.length === 1 ? parts[0] : tf.addN(parts);
  return tf.transpose(tf.reshape(mixed, [height, width, count, channels]), [2, 0, 1, 3]) as tf.Tensor4D;
}

/** Rounds away what floating point makes of whole pixels. */
const tidied = (value: number): number => (Math.abs(value - Math.round(value)) < 1e-6 ? Math.round(value) : value);

/** The pixel that is seen at an index, −1 for none. */
function onto(size: number, outside: Outside): (index: number) => number {
  if (outside === "wrap") return (index) => ((index % size) + size) % size;
  if (outside === "edge") return (index) => Math.min(Math.max(index, 0), size - 1);
  if (outside === "mirror")
    return (index) => {
      const at = ((index % (2 * size)) + 2 * size) % (2 * size);
      return at < size ? at : 2 * size - 1 - at;
    };
  return (index) => (index >= 0 && index < size ? index : -1);
}
