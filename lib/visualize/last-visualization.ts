import * as tf from "@tensorflow/tfjs";

/** Plain numbers, since an interrupt frees tensors that nobody can reach. */
export interface BestSoFar {
  readonly shape: readonly [number, number, number, number];
  /** In the model's bounds, row-major. */
  readonly values: Float32Array;
  readonly scores: number[];
  readonly iterations: number[];
  done: number;
}

/** The best images of a run, also of one that was interrupted. */
export interface LastVisualization {
  /** Of each image the state with the highest score so far, in the model's bounds. The caller disposes of it. */
  readonly image: tf.Tensor4D;
  /** That score, one for each image. */
  readonly scores: readonly number[];
  /** After how many iterations it was reached, one for each image. */
  readonly iterations: readonly number[];
  /** How many iterations the run has done. */
  readonly done: number;
}

let best: BestSoFar | undefined;

/** Begins a run: what the one before it had is gone. */
export function beginBest(shape: readonly [number, number, number, number]): BestSoFar {
  const [count] = shape;
  best = {
    shape,
    values: new Float32Array(shape.reduce((a, b) => a * b)),
    scores: new Array<number>(count).fill(-Infinity),
    iterations: new Array<number>(count).fill(0),
    done: 0,
  };
  return best;
}

/** @param values all images, row-major */
export function recordBest(
  into: BestSoFar,
  values: Float32Array,
  scores: readonly number[],
  iterations: readonly number[],
): void {
  into.values.set(values);
  scores.forEach((score, i) => (into.scores[i] = score));
  iterations.forEach((iteration, i) => (into.iterations[i] = iteration));
}

/**
 * The best images of the latest `classVisualization` or `maximize`: after an interrupt, what it had come to; while it
 * runs, or where the
 * interrupt came in the middle of a step, at most a fifth of a second and a step before.
 * @returns nothing where none has done an iteration yet
 */
export function lastVisualization(): LastVisualization | undefined {
  if (!best || best.done === 0) return undefined;
  const { shape, values, scores, iterations, done } = best;
  return { image: tf.tensor4d(values.slice(), [...shape]), scores: [...scores], iterations: [...iterations], done };
}
