// How images are moved before the network sees them: all transforms of a step as one, sampled once.

import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/options";
import { badInput } from "../core/errors";
import type { Random } from "../core/random";

/**
 * Where a pixel of the result comes from: source = (a·x + b·y + dx, c·x + d·y + dy), in pixels from the middle of the
 * image, x to the right and y down.
 */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly dx: number;
  readonly dy: number;
}

export const identity: Affine = { a: 1, b: 0, c: 0, d: 1, dx: 0, dy: 0 };

/**
 * The source, under `first`, of the source under `second`: what comes of doing `first` to an image and then `second`.
 */
export function afterwards(first: Affine, second: Affine): Affine {
  const [p, q] = [first, second];
  return {
    a: p.a * q.a + p.b * q.c,
    b: p.a * q.b + p.b * q.d,
    dx: p.a * q.dx + p.b * q.dy + p.dx,
    c: p.c * q.a + p.d * q.c,
    d: p.c * q.b + p.d * q.d,
    dy: p.c * q.dx + p.d * q.dy + p.dy,
  };
}

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
 * need one tap each instead of four.
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

/** {@link defaultJitter} in words. */
export const jitterRule = "16, at most a seventh of the side";

/** The course's 16 pixels of 224, at most a seventh of the side of smaller images. */
export const defaultJitter = (height: number, width: number): number =>
  Math.min(16, Math.floor(Math.min(height, width) / 7));

/**
 * Moves the images a little before the network sees them, another way at each step, so that what comes about does not
 * hang on single pixels. All transforms of a step are put together into one and sampled once, bilinearly.
 */
export interface Transform {
  /** For people. */
  readonly name: string;
  /** What is seen beyond the image's edges from here on. Default: as before; at first the image repeats itself. */
  readonly outside?: Outside;
  /** Draws this step's. @param size [height, width] */
  draw(chance: Random, size: readonly [number, number]): Affine;
}

/** Shifts by whole pixels, up to half of `pixels` in every direction. Integer ≥ 0. */
export function jitter(pixels: number): Transform {
  checkInteger("pixels", pixels, 0);
  const shift = (chance: Random): number => chance.integer(pixels + 1) - Math.floor(pixels / 2);
  return {
    name: `jitter ${pixels}`,
    draw(chance) {
      const dy = shift(chance),
        dx = shift(chance);
      return { ...identity, dx, dy };
    },
  };
}

/** Magnifies about the middle by a factor between two, each above 0: below 1 it shrinks. */
export function scale(from: number, to: number): Transform {
  if (!(from > 0 && to >= from && to < Infinity))
    badInput({ what: "scale", got: [from, to], allowed: "two factors above 0, the smaller first" });
  return {
    name: `scale ${from} to ${to}`,
    draw(chance) {
      const factor = from + (to - from) * chance.uniform();
      return { ...identity, a: 1 / factor, d: 1 / factor };
    },
  };
}

/** Turns about the middle, counterclockwise, by an angle between two, in degrees. */
export function rotate(from: number, to: number): Transform {
  if (!(Number.isFinite(from) && Number.isFinite(to) && to >= from))
    badInput({ what: "rotate", got: [from, to], allowed: "two angles in degrees, the smaller first" });
  return {
    name: `rotate ${from} to ${to}`,
    draw(chance) {
      const angle = ((from + (to - from) * chance.uniform()) * Math.PI) / 180;
      const cos = Math.cos(angle),
        sin = Math.sin(angle);
      return { ...identity, a: cos, b: -sin, c: sin, d: cos };
    },
  };
}

/**
 * Leaves a frame around the image, which is shrunk to make room for it; transforms after it move the frame into view.
 * @param pixels width of the frame in pixels of the image, integer ≥ 0
 * @param fill a pixel value for the frame, or how the image goes on there. Default: 0.5.
 */
export function pad(pixels: number, fill: Outside = 0.5): Transform {
  checkInteger("pixels", pixels, 0);
  const known = typeof fill === "number" ? Number.isFinite(fill) : ["wrap", "edge", "mirror"].includes(fill);
  if (!known) badInput({ what: "fill", got: fill, allowed: 'a pixel value, "wrap", "edge" or "mirror"' });
  return {
    name: `pad ${pixels}`,
    outside: fill,
    draw: (_, [height, width]) => ({ ...identity, a: (width + 2 * pixels) / width, d: (height + 2 * pixels) / height }),
  };
}
