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
    const up = Math.fround(value + eps), down = Math.fround(value - eps);
    return (valueWith(index, up) - valueWith(index, down)) / (up - down);
  });
}

/** The derivative of a scalar function along `direction`, by a central difference: for inputs too large to go through one by one. */
export function directionalDifference(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, direction: ArrayLike<number>, eps = 1e-2): number {
  const at = x.dataSync();
  const moved = (step: number): number =>
    scalarOf(f, Float32Array.from(at, (value, i) => value + step * direction[i]), x.shape);
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
  let difference = 0, scale = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    difference = Number.isNaN(d) ? Infinity : Math.max(difference, d);
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return scale === 0 ? difference : difference / scale;
}
