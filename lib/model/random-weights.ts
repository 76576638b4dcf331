import * as tf from "@tensorflow/tfjs";
import type { NdArray } from "../data/nd-array";
import { random } from "../util/random";
import type { WeightLayout } from "./architectures/weight-source";

/**
 * Values of a tensor before any training: kernels normal with variance 2 / inputs (He and others 2015, arXiv:1502.01852), embeddings and
 * tokens with a deviation of 0.02 as vision transformers have them, gains and variances 1, biases and means 0.
 * @param name the tensor's own, which tells a bias from a gain
 */
function valuesOf(name: string, shape: readonly number[], layout: WeightLayout, seeds: readonly number[]): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (shape.length < 2) return new Float32Array(size).fill(/(bias|beta|mean)(:\d+)?$/.test(name) ? 0 : 1);
  const outputs = layout === "OIHW" ? shape[0] : shape[shape.length - 1];
  const deviation = /(embed|token)$/.test(name) ? 0.02 : Math.sqrt(2 * outputs / size);
  const source = random(...seeds);
  return Float32Array.from({ length: size }, () => deviation * source.normal());
}

/** The arrays of a weights file with random values in place of the trained ones. */
export function randomArrays(arrays: ReadonlyMap<string, NdArray>, layout: WeightLayout, seed: number): Map<string, NdArray> {
  return new Map([...arrays].map(([name, { shape }], i) => [name, { dtype: "float32", shape, data: valuesOf(name, shape, layout, [seed, i]) }]));
}

/** Gives a network random weights in place of its trained ones. */
export function randomizeLayers(model: tf.LayersModel, seed: number): void {
  const fresh = model.weights.map((weight, i) => tf.tensor(valuesOf(weight.originalName ?? weight.name, weight.shape as number[], "HWIO", [seed, i]), weight.shape as number[]));
  model.setWeights(fresh);
  tf.dispose(fresh);
}
