// Random numbers by the array, the same on every machine and backend: no input's depend on how many others there are.
import * as tf from "@tensorflow/tfjs";
import type { Range } from "./chunks";
import { mixed, random, scrambled, stepped, type Random } from "./random";
import { sizeOf } from "./chunks";

/**
 * Normal noise of mean 0, the same for every image: an image's result then depends neither on its neighbours in the
 * batch nor on `batchSize`.
 * @param run which samples
 * @param size numbers in a sample
 * @returns [run, size], row-major
 */
export function noiseOf({ first, count }: Range, size: number, deviation: number, seed: number): Float32Array {
  const noise = new Float32Array(count * size);
  for (let sample = 0; sample < count; sample++)
    fillNormal(noise.subarray(sample * size, (sample + 1) * size), deviation, seed, first + sample);
  return noise;
}

/**
 * Random numbers for inputs, the same for every one of them: what becomes of an input then depends neither on its place
 * in the batch nor on what the batch is cut into.
 */
export function noiseLike(
  { inputs }: { inputs: tf.Tensor },
  seed: number,
  draw: (source: Random) => number,
): tf.Tensor {
  const [count, ...shape] = inputs.shape,
    source = random(seed, 0);
  const one = Float32Array.from({ length: inputs.size / count }, () => draw(source));
  return tf.tidy(() => tf.tile(tf.tensor(one, [1, ...shape]), [count, ...shape.map(() => 1)]));
}

/** Standard normal; no image's depends on how many there are. @returns [count, …shape] */
export function noise(count: number, shape: readonly [number, number, number], seed: number): tf.Tensor4D {
  const size = sizeOf(shape),
    values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const chance = random(seed, i);
    for (let at = i * size; at < (i + 1) * size; at++) values[at] = chance.normal();
  }
  return tf.tensor4d(values, [count, ...shape]);
}

/**
 * Layers of one area under the bell curve, where the lowest one's tail begins, and that area (Marsaglia & Tsang's
 * numbers for 128).
 */
const LAYERS = 128,
  TAIL = 3.442619855899,
  AREA = 9.91256303526217e-3;

const density = (x: number): number => Math.exp((-x * x) / 2);

/**
 * How wide each layer is, from the lowest up; the lowest one's is of a rectangle that has the area of the layer and its
 * tail.
 */
const width = new Float64Array(LAYERS + 1);
width[0] = AREA / density(TAIL);
width[1] = TAIL;
for (let layer = 2; layer < LAYERS; layer++)
  width[layer] = Math.sqrt(-2 * Math.log(AREA / width[layer - 1] + density(width[layer - 1])));
const height = width.map(density);
/** Of the 24 bits that say where in a layer. */
const unit = width.map((each) => each / 2 ** 24);

/**
 * Fills an array with normal numbers of mean 0: the ziggurat method (Marsaglia & Tsang 2000,
 * doi:10.18637/jss.v005.i08), which takes no logarithm for 99 of 100. Which layer and where in it are other bits, as
 * Doornik (2005) asks for. The same seeds give the same numbers everywhere.
 */
export function fillNormal(values: Float32Array, deviation: number, ...seeds: readonly number[]): void {
  let state = mixed(seeds);
  const uniform = (): number => ((scrambled((state = stepped(state))) >>> 0) + 0.5) / 2 ** 32;
  for (let i = 0; i < values.length;) {
    // In a variable of its own, which no function shares: nearly all numbers are drawn here.
    let own = state;
    for (; i < values.length; i++) {
      own = stepped(own);
      const drawn = scrambled(own),
        layer = drawn & (LAYERS - 1),
        x = (drawn >> 7) * unit[layer];
      if (Math.abs(x) >= width[layer + 1]) break;
      values[i] = deviation * x;
    }
    state = own;
    if (i === values.length) return;
    const x = outside(scrambled(own), uniform);
    if (x !== undefined) values[i++] = deviation * x;
  }
}

/**
 * What becomes of a draw beside the part of its layer that is wholly under the curve. @returns nothing where it is
 * above the curve
 */
function outside(drawn: number, uniform: () => number): number | undefined {
  const layer = drawn & (LAYERS - 1),
    x = (drawn >> 7) * unit[layer];
  if (layer === 0) {
    const beyond = tail(uniform);
    return drawn < 0 ? -beyond : beyond;
  }
  return height[layer] + uniform() * (height[layer + 1] - height[layer]) >= density(x) ? undefined : x;
}

/** Normal beyond {@link TAIL} (Marsaglia 1964). */
function tail(uniform: () => number): number {
  for (;;) {
    const x = -Math.log(uniform()) / TAIL,
      y = -Math.log(uniform());
    if (y + y > x * x) return TAIL + x;
  }
}
