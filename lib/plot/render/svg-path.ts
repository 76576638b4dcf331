export type Point = readonly [x: number, y: number];

/** A number, as JavaScript writes it: also 1e+21. */
export const numberPattern = /-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g;

/**
 * The points of a path's `d`, in order; of curves the control points too, so an extent made of them is never too small.
 */
export function pathPoints(d: string): Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  for (const [, command, rest] of d.matchAll(/([a-df-zA-DF-Z])([^a-df-zA-DF-Z]*)/g)) {
    const numbers = (rest.match(numberPattern) ?? []).map(Number);
    const upper = command.toUpperCase();
    const [fromX, fromY] = command === upper ? [0, 0] : [x, y];
    const step = upper === "H" || upper === "V" ? 1 : upper === "A" ? 7 : 2;
    for (let i = 0; i + step <= numbers.length; i += step) {
      if (upper !== "V") x = fromX + numbers[i + (upper === "A" ? 5 : 0)];
      if (upper !== "H") y = fromY + numbers[i + step - 1];
      points.push([x, y]);
    }
    if (upper === "Z" && points.length) points.push(points[0]);
  }
  return points;
}

/** The length of the straight lines through a path's points: exact for the lines and arrows that Plotly measures. */
export function pathLength(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, point, i) => sum + distance(points[i], point), 0);
}

/** The point `length` along those lines, from 0 to their whole length. */
export function pointAlong(points: readonly Point[], length: number): Point {
  let left = Math.max(0, length);
  for (let i = 1; i < points.length; i++) {
    const piece = distance(points[i - 1], points[i]);
    if (left <= piece && piece > 0) {
      const [from, to] = [points[i - 1], points[i]];
      return [from[0] + ((to[0] - from[0]) * left) / piece, from[1] + ((to[1] - from[1]) * left) / piece];
    }
    left -= piece;
  }
  return points[points.length - 1] ?? [0, 0];
}

const distance = (a: Point, b: Point): number => Math.hypot(b[0] - a[0], b[1] - a[1]);
