import { tinyPixels, type TinyWeights } from "./tiny-model";

/*
 * The tiny network once more, in double precision and by loops: forward, and backward by hand. It shares nothing with
 * the library but the weights.
 */

export type Rule = "standard" | "guided" | "deconvolution";
type Volume = { height: number; width: number; channels: number; values: Float64Array };

const volume = (height: number, width: number, channels: number): Volume => ({
  height,
  width,
  channels,
  values: new Float64Array(height * width * channels),
});
const at = (v: Volume, y: number, x: number, c: number): number => (y * v.width + x) * v.channels + c;

/** The pairs of places that a 3×3 "same" convolution joins. */
function eachTap(input: Volume, outputs: number, visit: (from: number, to: number, weight: number) => void): void {
  for (let y = 0; y < input.height; y++)
    for (let x = 0; x < input.width; x++)
      for (let o = 0; o < outputs; o++) {
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            if (y + dy < 0 || y + dy >= input.height || x + dx < 0 || x + dx >= input.width) continue;
            for (let c = 0; c < input.channels; c++) {
              visit(
                at(input, y + dy, x + dx, c),
                (y * input.width + x) * outputs + o,
                (((dy + 1) * 3 + dx + 1) * input.channels + c) * outputs + o,
              );
            }
          }
      }
}

function convolve(input: Volume, kernel: Float32Array, bias: Float32Array): Volume {
  const output = volume(input.height, input.width, bias.length);
  output.values.forEach((_, i) => {
    output.values[i] = bias[i % bias.length];
  });
  eachTap(input, bias.length, (from, to, weight) => {
    output.values[to] += input.values[from] * kernel[weight];
  });
  return output;
}

function convolveBack(input: Volume, kernel: Float32Array, outputs: number, dy: Float64Array): Float64Array {
  const dx = new Float64Array(input.values.length);
  eachTap(input, outputs, (from, to, weight) => {
    dx[from] += dy[to] * kernel[weight];
  });
  return dx;
}

function pool(input: Volume): { output: Volume; switches: Int32Array } {
  const output = volume(Math.floor(input.height / 2), Math.floor(input.width / 2), input.channels);
  const switches = new Int32Array(output.values.length);
  for (let y = 0; y < output.height; y++)
    for (let x = 0; x < output.width; x++)
      for (let c = 0; c < output.channels; c++) {
        const to = at(output, y, x, c);
        let best = at(input, 2 * y, 2 * x, c);
        for (const [dy, dx] of [
          [0, 1],
          [1, 0],
          [1, 1],
        ]) {
          const candidate = at(input, 2 * y + dy, 2 * x + dx, c);
          if (input.values[candidate] > input.values[best]) best = candidate;
        }
        switches[to] = best;
        output.values[to] = input.values[best];
      }
  return { output, switches };
}

const map = (v: Volume, f: (value: number) => number): Volume => ({ ...v, values: v.values.map(f) });

/**
 * What a ReLU (or tanh) passes back, by rule; guided: Springenberg et al. 2015, figure 1; deconvolution: Zeiler &
 * Fergus 2014.
 */
function activateBack(weights: TinyWeights, before: Volume, dy: Float64Array, rule: Rule): Float64Array {
  if (weights.activation === "smooth") return dy.map((d, i) => d * (1 - Math.tanh(before.values[i]) ** 2));
  return dy.map((d, i) => {
    const active = before.values[i] > 0,
      positive = d > 0;
    const passes = rule === "standard" ? active : rule === "guided" ? active && positive : positive;
    return passes ? d : 0;
  });
}

function forward(weights: TinyWeights, pixels: ArrayLike<number>) {
  const image: Volume = { height: 6, width: 5, channels: 2, values: Float64Array.from(pixels) };
  const activate = weights.activation === "relu" ? (x: number) => Math.max(x, 0) : Math.tanh;
  const before1 = convolve(image, weights.kernel1, weights.bias1);
  const after1 = map(before1, activate);
  const pooled = weights.activation === "relu" ? pool(after1) : { output: after1, switches: undefined };
  const before2 = convolve(pooled.output, weights.kernel2, weights.bias2);
  const features = map(before2, activate).values;
  const logits = Float64Array.from(weights.bias3, (bias, k) =>
    features.reduce((sum, f, i) => sum + f * weights.dense[i * 4 + k], bias),
  );
  return { image, before1, after1, pooled, before2, logits };
}

/** @param pixels one image, row-major @returns the four logits */
export const oracleLogits = (weights: TinyWeights, pixels: ArrayLike<number>): Float64Array =>
  forward(weights, pixels).logits;

/** The gradient of one logit with respect to one image, under a ReLU rule. */
export function oracleGradient(
  weights: TinyWeights,
  pixels: ArrayLike<number>,
  target: number,
  rule: Rule = "standard",
): Float64Array {
  const { image, before1, after1, pooled, before2 } = forward(weights, pixels);
  let d: Float64Array = Float64Array.from(before2.values, (_, i) => weights.dense[i * 4 + target]);
  d = activateBack(weights, before2, d, rule);
  d = convolveBack(pooled.output, weights.kernel2, 3, d);
  if (pooled.switches) {
    const unpooled = new Float64Array(after1.values.length);
    pooled.switches.forEach((from, to) => {
      unpooled[from] += d[to];
    });
    d = unpooled;
  }
  return convolveBack(image, weights.kernel1, 4, activateBack(weights, before1, d, rule));
}

/**
 * Grad-CAM of the second convolution by the paper's formulas (1) and (2), before its ReLU: [pooled height × pooled
 * width].
 */
export function oracleClassActivation(
  weights: TinyWeights,
  pixels: ArrayLike<number>,
  target: number,
  layer: "conv2" | "act2",
): Float64Array {
  const { before2 } = forward(weights, pixels);
  const after2 = map(before2, weights.activation === "relu" ? (x) => Math.max(x, 0) : Math.tanh);
  const dense = Float64Array.from(before2.values, (_, i) => weights.dense[i * 4 + target]);
  const gradient = layer === "act2" ? dense : activateBack(weights, before2, dense, "standard");
  const places = before2.height * before2.width,
    maps = (layer === "act2" ? after2 : before2).values;
  const alpha = [0, 1, 2].map((k) => gradient.reduce((sum, g, i) => (i % 3 === k ? sum + g : sum), 0) / places);
  return Float64Array.from({ length: places }, (_, place) =>
    alpha.reduce((sum, a, k) => sum + a * maps[place * 3 + k], 0),
  );
}

/** Splits a batch's pixels into images. */
export const eachImage = (pixels: Float32Array): Float32Array[] =>
  Array.from({ length: pixels.length / tinyPixels }, (_, i) => pixels.subarray(i * tinyPixels, (i + 1) * tinyPixels));

/** One oracle result after the other, as a batch is laid out. */
export const joined = (maps: readonly Float64Array[]): Float64Array =>
  Float64Array.from(maps.flatMap((map) => [...map]));
