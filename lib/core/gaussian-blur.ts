// Gaussian blurs: of images as tensors, to be differentiated, and of a plain map.
import * as tf from "@tensorflow/tfjs";

/** What lies beyond the edges: the mirror image, the edge itself repeated; or nothing, and the rest weighs more. */
type Edge = "mirror" | "nothing";

/**
 * A blur along one axis as a matrix [size, size], row-major: each row has the weights of a pixel's neighbours, and adds
 * up to 1.
 * @param into zeros, in the precision wanted
 */
function fillBlur<A extends Float32Array | Float64Array>(
  into: A,
  { size, sigma, reach, edge }: { size: number; sigma: number; reach: number; edge: Edge },
): A {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / sigma) ** 2));
  const place = (index: number): number => (edge === "mirror" ? mirrored(index, size) : index);
  for (let i = 0; i < size; i++) {
    const inside = weights
      .map((weight, k) => [place(i + k - reach), weight] as const)
      .filter(([at]) => at >= 0 && at < size);
    const total = inside.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [at, weight] of inside) into[i * size + at] += weight / total;
  }
  return into;
}

/**
 * A Gaussian blur along one axis: weights cut off at 4 σ, edges mirrored with the edge itself repeated, as SciPy's
 * `gaussian_filter1d` does by default.
 * @param sigma in pixels, above 0
 * @returns [size, size]
 */
export function blurMatrix(size: number, sigma: number): tf.Tensor2D {
  const reach = Math.floor(4 * sigma + 0.5);
  return tf.tensor2d(fillBlur(new Float32Array(size * size), { size, sigma, reach, edge: "mirror" }), [size, size]);
}

/** @param images [batch, height, width, channels] @param rows [height, height] @param columns [width, width] */
export function blurred(images: tf.Tensor4D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor4D {
  return alongAxis(alongAxis(images, rows, 1), columns, 2);
}

/** Multiplies every line along an axis by a matrix. @param matrix [new size, size] */
export function alongAxis(images: tf.Tensor4D, matrix: tf.Tensor2D, axis: number): tf.Tensor4D {
  const order = [axis, ...[0, 1, 2, 3].filter((other) => other !== axis)];
  const moved = tf.transpose(images, order);
  const product = tf.matMul(matrix, tf.reshape(moved, [moved.shape[0], -1]) as tf.Tensor2D);
  const shaped = tf.reshape(product, [matrix.shape[0], ...moved.shape.slice(1)]);
  return tf.transpose(
    shaped,
    order.map((_, place) => order.indexOf(place)),
  ) as tf.Tensor4D;
}

/** d c b a | a b c d | d c b a */
function mirrored(index: number, size: number): number {
  const around = ((index % (2 * size)) + 2 * size) % (2 * size);
  return around < size ? around : 2 * size - 1 - around;
}

/** One value a pixel, row-major. */
interface Grid {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/**
 * A Gaussian of standard deviation `sigma` pixels, of ⌈3 σ⌉ pixels on each side; beyond the edges nothing is assumed:
 * the weights that fall inside are scaled up to 1.
 */
export function gaussianBlur(map: Grid, sigma: number): Grid {
  if (sigma === 0) return map;
  const { height, width } = map,
    reach = Math.ceil(3 * sigma);
  const along = (
    values: Float32Array,
    [size, step]: readonly [number, number],
    lines: readonly number[],
  ): Float32Array => {
    const matrix = fillBlur(new Float64Array(size * size), { size, sigma, reach, edge: "nothing" });
    const blurred = new Float32Array(values.length);
    for (const first of lines)
      for (let at = 0; at < size; at++) {
        let sum = 0;
        for (let other = Math.max(0, at - reach); other <= Math.min(size - 1, at + reach); other++)
          sum += matrix[at * size + other] * values[first + other * step];
        blurred[first + at * step] = sum;
      }
    return blurred;
  };
  const upTo = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => i * step);
  const rows = along(map.values, [width, 1], upTo(height, width));
  return { height, width, values: along(rows, [height, width], upTo(width, 1)) };
}
