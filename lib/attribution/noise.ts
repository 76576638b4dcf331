import { fillNormal } from "../core/normal-noise";
import type { Range } from "../core/chunks";

/**
 * Normal noise of mean 0, the same for every image: an image's result then depends neither on its neighbours in the
 * batch nor on `batchSize`.
 * @param run which samples
 * @param size numbers in a sample
 * @returns [run, size], row-major
 */
export function noiseOf({ first, count }: Range, size: number, deviation: number, seed: number): Float32Array {
  const noise = new Float32Array(count * size);
  for (let sample = 0; sample < count; sample++) fillNormal(noise.subarray(sample * size, (sample + 1) * size), deviation, seed, first + sample);
  return noise;
}
