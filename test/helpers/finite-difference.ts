import * as tf from "@tensorflow/tfjs";

/**
 * The gradient of a scalar function by central differences, one coordinate at a time, summed in double precision.
 * float32 leaves about 3 digits: use small inputs of magnitude about 1, away from ties and kinks.
 * @param f returns a scalar; disposed of here
 * @returns ∂f/∂x in row-major order
 */
export function finiteDifference(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, eps = 1e-2): Float64Array {
  const at = Float32Array.from(x.dataSync());
  const valueWith = (index: number, value: number): number => {
    const moved = Float32Array.from(at);
    moved[index] = value;
    return scalarOf(f, moved, x.shape);
  };
  return Float64Array.from(at, (value, index) => {
    // The step as float32 rounds it, not as it was meant.
    const up = Math.fround(value + eps),
      down = Math.fround(value - eps);
    return (valueWith(index, up) - valueWith(index, down)) / (up - down);
  });
}

/**
 * The same for a function that gives one value for each image of a batch, whatever the others are: every pixel is moved
 * in an image of its own, and all go through the function at once.
 * @param image [1, height, width, channels]
 */
export function pixelDifferences(f: (images: tf.Tensor4D) => tf.Tensor, image: tf.Tensor4D, eps = 1e-2): Float64Array {
  const at = image.dataSync() as Float32Array,
    [, ...shape] = image.shape;
  const steps = Array.from(at, (value) => [Math.fround(value + eps), Math.fround(value - eps)]);
  const moved = new Float32Array(2 * at.length ** 2);
  steps.flat().forEach((value, i) => {
    moved.set(at, i * at.length);
    moved[i * at.length + (i >> 1)] = value;
  });
  const values = tf.tidy(() => f(tf.tensor4d(moved, [2 * at.length, ...shape])).dataSync());
  return Float64Array.from(steps, ([up, down], i) => (values[2 * i] - values[2 * i + 1]) / (up - down));
}

/**
 * Keeps each difference under a name. It belongs to the function, whichever backend computes it: those after the first
 * one are compared with the same numbers, in a third of the time.
 */
export function keptDifferences(): (name: string, work: () => Float64Array) => Float64Array {
  const kept = new Map<string, Float64Array>();
  return (name, work) => {
    const found = kept.get(name) ?? work();
    kept.set(name, found);
    return found;
  };
}

/**
 * The derivative of a scalar function along `direction`, by a central difference: for inputs too large to go through
 * one by one.
 */
export function directionalDifference(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  direction: ArrayLike<number>,
  eps = 1e-2,
): number {
  const at = x.dataSync();
  const moved = (step: number): number =>
    scalarOf(
      f,
      Float32Array.from(at, (value, i) => value + step * direction[i]),
      x.shape,
    );
  return (moved(eps) - moved(-eps)) / (2 * eps);
}

function scalarOf(f: (x: tf.Tensor) => tf.Tensor, values: Float32Array, shape: number[]): number {
  const result = tf.tidy(() => f(tf.tensor(values, shape)).flatten().sum());
  const value = result.dataSync()[0];
  result.dispose();
  return value;
}

/** Largest |a − b| over the largest |b| (max norm), 0 for two zeros. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0,
    scale = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    difference = Number.isNaN(d) ? Infinity : Math.max(difference, d);
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return scale === 0 ? difference : difference / scale;
}
