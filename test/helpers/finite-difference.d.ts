import * as tf from "@tensorflow/tfjs";
/**
 * The gradient of a scalar function by central differences, one coordinate at a time, summed in double precision.
 * float32 leaves about 3 digits: use small inputs of magnitude about 1, away from ties and kinks.
 * @param f returns a scalar; disposed of here
 * @returns ∂f/∂x in row-major order
 */
export declare function finiteDifference(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, eps?: number): Float64Array;
/**
 * The same for a function that gives one value for each image of a batch, whatever the others are: every pixel is moved
 * in an image of its own, and all go through the function at once.
 * @param image [1, height, width, channels]
 */
export declare function pixelDifferences(f: (images: tf.Tensor4D) => tf.Tensor, image: tf.Tensor4D, eps?: number): Float64Array;
/**
 * Keeps each difference under a name. It belongs to the function, whichever backend computes it: those after the first
 * one are compared with the same numbers, in a third of the time.
 */
export declare function keptDifferences(): (name: string, work: () => Float64Array) => Float64Array;
/**
 * The derivative of a scalar function along `direction`, by a central difference: for inputs too large to go through
 * one by one.
 */
export declare function directionalDifference(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, direction: ArrayLike<number>, eps?: number): number;
/** Largest |a − b| over the largest |b| (max norm), 0 for two zeros. */
export declare function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number;
