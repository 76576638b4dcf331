import * as tf from "@tensorflow/tfjs";
import type { NdArray } from "../data/nd-array";
import { random } from "../core/random";

/**
 * Values that know nothing of the training: kernels normal with mean 0 and the trained kernel's own root mean square,
 * since networks differ
 * in the scale of what they take (0 to 255, or normalised); gains and variances 1, biases and means 0.
 * @param name the tensor's own, which tells a bias from a gain
 */
function valuesOf(
  name: string,
  shape: readonly number[],
  trained: ArrayLike<number>,
  seeds: readonly number[],
): Float32Array {
  if (shape.length < 2) return new Float32Array(trained.length).fill(/(bias|beta|mean)(:\d+)?$/.test(name) ? 0 : 1);
  let squares = 0;
  for (let i = 0; i < trained.length; i++) squares += trained[i] ** 2;
  const size = Math.sqrt(squares / trained.length),
    source = random(...seeds);
  return Float32Array.from({ length: trained.length }, () => size * source.normal());
}

/** The arrays of a weights file with random values in place of the trained ones. */
export function randomArrays(arrays: ReadonlyMap<string, NdArray>, seed: number): Map<string, NdArray> {
  return new Map(
    [...arrays].map(([name, { shape, data }], i) => [
      name,
      { dtype: "float32", shape, data: valuesOf(name, shape, data as Float32Array, [seed, i]) },
    ]),
  );
}

/** Gives a network random weights in place of its trained ones. */
export async function randomizeLayers(model: tf.LayersModel, seed: number): Promise<void> {
  const trained = await Promise.all(
    model.getWeights().map(async (weight) => ({ shape: weight.shape, values: await weight.data() })),
  );
  const fresh = model.weights.map((weight, i) =>
    tf.tensor(
      valuesOf(weight.originalName ?? weight.name, trained[i].shape, trained[i].values, [seed, i]),
      trained[i].shape,
    ),
  );
  model.setWeights(fresh);
  tf.dispose(fresh);
}
