import { badInput } from "../core/errors";

/**
 * A rectangle of pixels, counted from 0 at the upper left corner, half-open: rows `top` … `bottom` − 1, columns `left`
 * … `right` − 1. Its height is `bottom` − `top`; a whole image of 224 × 224 is { top: 0, left: 0, bottom: 224, right:
 * 224 }.
 */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** @throws BadInputError unless `box` is a rectangle of at least one pixel, inside [height, width] if that is given */
export function checkBox(box: Box, what: string, size?: readonly [number, number]): Box {
  const sides = typeof box === "object" && box !== null ? [box.top, box.left, box.bottom, box.right] : [];
  const [top, left, bottom, right] = sides;
  const whole = sides.length === 4 && sides.every(Number.isInteger);
  const [height, width] = size ?? [Infinity, Infinity];
  if (whole && 0 <= top && top < bottom && bottom <= height && 0 <= left && left < right && right <= width) return box;
  return badInput({
    what,
    got: box,
    allowed:
      "{ top, left, bottom, right } in whole pixels, 0 ≤ top < bottom, 0 ≤ left < right" +
      (size ? `, inside the ${height} by ${width} pixels` : ""),
    remedy: "bottom and right are the first row and column that no longer belong to it.",
  });
}

const areaOf = ({ top, left, bottom, right }: Box): number => Math.max(0, bottom - top) * Math.max(0, right - left);

/**
 * How well two boxes agree: the area of their intersection over that of their union, 0 (disjoint) to 1 (the same).
 * A box that is missing, as `localize` returns it for an empty map, agrees with none, nor with another missing one.
 * @throws BadInputError
 */
export function intersectionOverUnion(a: Box | undefined, b: Box | undefined): number {
  if (a !== undefined) checkBox(a, "the first box");
  if (b !== undefined) checkBox(b, "the second box");
  if (a === undefined || b === undefined) return 0;
  const common = areaOf({
    top: Math.max(a.top, b.top),
    left: Math.max(a.left, b.left),
    bottom: Math.min(a.bottom, b.bottom),
    right: Math.min(a.right, b.right),
  });
  return common / (areaOf(a) + areaOf(b) - common);
}
