import type { PlainMap } from "./read-maps";

/**
 * A Gaussian of standard deviation `sigma` pixels, of ⌈3 σ⌉ pixels on each side; beyond the edges nothing is assumed:
 * the
 * weights that fall inside are scaled up to 1.
 */
export function gaussianBlur(map: PlainMap, sigma: number): PlainMap {
  if (sigma === 0) return map;
  const { height, width } = map;
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: reach + 1 }, (_, distance) => Math.exp(-((distance / sigma) ** 2) / 2));
  const along = (
    values: Float32Array,
    length: number,
    step: number,
    first: (line: number) => number,
    lines: number,
  ): Float32Array => {
    const blurred = new Float32Array(values.length);
    for (let line = 0; line < lines; line++) {
      for (let at = 0; at < length; at++) {
        let sum = 0,
          total = 0;
        for (let other = Math.max(0, at - reach); other <= Math.min(length - 1, at + reach); other++) {
          const weight = weights[Math.abs(other - at)];
          sum += weight * values[first(line) + other * step];
          total += weight;
        }
        blurred[first(line) + at * step] = sum / total;
      }
    }
    return blurred;
  };
  const rows = along(map.values, width, 1, (row) => row * width, height);
  return { height, width, values: along(rows, height, width, (column) => column, width) };
}
