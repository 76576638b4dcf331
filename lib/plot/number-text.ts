/** A number with about four significant digits, as short as JSON can have it. */
export function compact(value: number): number {
  return Number(value.toPrecision(4)) + 0 || 0;
}

/** Rounds to a thousandth of `scale`: for large maps, whose bundles would otherwise weigh megabytes. */
export function compactTo(scale: number): (value: number) => number {
  const decimals = Math.min(100, Math.max(0, 3 - Math.floor(Math.log10(scale))));
  return (value) => Number(value.toFixed(decimals)) || 0;
}

/** For the ends of a colour bar: two significant digits, a true minus sign. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text =
    size >= 0.01 && size < 1000
      ? String(Number(size.toPrecision(2)))
      : size.toExponential(1).replace("e+", "e").replace(/\.0e/, "e");
  return (value < 0 ? "−" : "") + text.replace("e-", "e−");
}

/** The same with a plus sign, for what speaks for or against something. */
export const signedText = (value: number): string => (value > 0 ? "+" : "") + tickText(value);
