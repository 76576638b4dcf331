// Maps that were scaled, as for drawing.

type Values = readonly number[];
interface Scaling {
  readonly name: string;
  scale(map: Values): number[];
}

const total = (values: Values): number => values.reduce((sum, value) => sum + value, 0);
const largest = (values: Values): number => values.reduce((most, value) => Math.max(most, value), -Infinity);
const smallest = (values: Values): number => values.reduce((least, value) => Math.min(least, value), Infinity);
const by =
  (size: (map: Values) => number): Scaling["scale"] =>
  (map) =>
    map.map((value) => value / size(map));
const sizes = (map: Values): number[] => map.map(Math.abs);

const scalings: readonly Scaling[] = [
  { name: "divided by the largest absolute value", scale: by((map) => largest(sizes(map))) },
  { name: "divided by the largest value", scale: by(largest) },
  {
    name: "moved and stretched to [0, 1]",
    scale: (map) => map.map((value) => (value - smallest(map)) / (largest(map) - smallest(map))),
  },
  { name: "divided by the sum of all absolute values", scale: by((map) => total(sizes(map))) },
  { name: "divided by the length (the root of the sum of squares)", scale: by((map) => Math.hypot(...map)) },
  {
    name: "standardised (mean 0, standard deviation 1)",
    scale: (map) => {
      const mean = total(map) / map.length;
      const spread = Math.sqrt(total(map.map((value) => (value - mean) ** 2)) / map.length);
      return map.map((value) => (value - mean) / spread);
    },
  },
];

/**
 * @param same are two lists of maps the same, but for rounding?
 * @returns words if the maps are right but for a normalisation, of each map or of all together
 */
export function normalisedWords(
  got: readonly ArrayLike<number>[],
  right: readonly ArrayLike<number>[],
  same: (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]) => boolean,
): string | undefined {
  const maps = right.map((map) => Array.from(map));
  for (const { name, scale } of scalings) {
    const each = maps.map(scale),
      all = scale(maps.flat());
    let at = 0;
    const together = maps.map(({ length }) => all.slice(at, (at += length)));
    const found = same(got, each)
      ? got.length > 1
        ? "each map is "
        : "your map is "
      : same(got, together)
        ? "your maps are "
        : "";
    if (found) return `Normalised: ${found}${name}. Give the plain values back; scaling is for drawing.`;
  }
  return undefined;
}
