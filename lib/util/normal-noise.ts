import { randomBits } from "./random";

/** Layers of one area under the bell curve, where the lowest one's tail begins, and that area (Marsaglia & Tsang's numbers for 128). */
const LAYERS = 128, TAIL = 3.442619855899, AREA = 9.91256303526217e-3;

const density = (x: number): number => Math.exp(-x * x / 2);

/** How wide each layer is, from the lowest up; the lowest one's is of a rectangle that has the area of the layer and its tail. */
const width = new Float64Array(LAYERS + 1);
width[0] = AREA / density(TAIL);
width[1] = TAIL;
for (let layer = 2; layer < LAYERS; layer++) width[layer] = Math.sqrt(-2 * Math.log(AREA / width[layer - 1] + density(width[layer - 1])));
const height = width.map(density);

/**
 * Fills an array with normal numbers of mean 0: the ziggurat method (Marsaglia & Tsang 2000, doi:10.18637/jss.v005.i08), which takes no
 * logarithm for 99 of 100. Which layer and where in it are other bits, as Doornik (2005) asks for. The same seeds give the same numbers everywhere.
 */
export function fillNormal(values: Float32Array, deviation: number, ...seeds: readonly number[]): void {
  const bits = randomBits(...seeds);
  const uniform = (): number => ((bits() >>> 0) + 0.5) / 2 ** 32;
  for (let i = 0; i < values.length;) {
    const drawn = bits(), layer = drawn & (LAYERS - 1);
    let x = ((drawn >> 7) / 2 ** 24) * width[layer];
    if (Math.abs(x) >= width[layer + 1]) {
      if (layer === 0) {
        const beyond = tail(uniform);
        x = drawn < 0 ? -beyond : beyond;
      } else if (height[layer] + uniform() * (height[layer + 1] - height[layer]) >= density(x)) continue;
    }
    values[i++] = deviation * x;
  }
}

/** Normal beyond {@link TAIL} (Marsaglia 1964). */
function tail(uniform: () => number): number {
  for (;;) {
    const x = -Math.log(uniform()) / TAIL, y = -Math.log(uniform());
    if (y + y > x * x) return TAIL + x;
  }
}
