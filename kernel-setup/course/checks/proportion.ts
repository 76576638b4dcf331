/**
 * The factor by which every value of `got` differs from `wanted`, if one fits all: by least squares, then tried.
 * @param tolerance share of the largest value by which a value may be off
 */
export function proportion(got: readonly number[], wanted: readonly number[], tolerance: number): number | undefined {
  const square = wanted.reduce((sum, value) => sum + value * value, 0);
  const factor = got.reduce((sum, value, i) => sum + value * wanted[i], 0) / square;
  if (!Number.isFinite(factor) || factor === 0) return undefined;
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(factor * value)), 0);
  return got.every((value, i) => Math.abs(value - factor * wanted[i]) < tolerance * scale) ? factor : undefined;
}
