import type { Box } from "vitrine";
import { boxMistake, referenceBox } from "./bounding-box-mistakes";
import { callStudent, failed, passed, type Loosely } from "./call-student";
import { inTime } from "./in-time";

/**
 * What the student writes: the box around the largest region of a map that hangs together.
 * @param map rows of values, none below 0
 * @param fraction which share of the map's largest value a pixel must reach, 0 to 1
 * @returns the first row and column of the region, and the first ones after it
 */
export type BoundingBoxFunction = (map: number[][], fraction: number) => Box | Promise<Box>;

/** Rows of digits, in tenths. Each is wrong in its own way for a usual slip. */
const drawing = (text: string): number[][] => text.split(" ").map((row) => [...row].map((digit) => Number(digit) / 10));
const cases: readonly { name: string; map: number[][]; fraction: number; says: string }[] = [
  {
    name: "one block",
    map: drawing("000000 000000 000990 000990 000990 000000 000000"),
    fraction: 0.5,
    says: "Box: right around a single block; rows before columns, the ends are those after it.",
  },
  {
    name: "two regions",
    map: drawing("9900000 9900000 0000000 0005550 0005550 0005550"),
    fraction: 0.5,
    says: "Region: of two the larger one, though the other is stronger.",
  },
  {
    name: "regions that touch by a corner",
    map: drawing("5500000 5500000 0066600 0066600 0000000 0000005"),
    fraction: 0.5,
    says: "Neighbours: pixels hang together by their sides, not by their corners.",
  },
  {
    name: "a region that winds",
    map: drawing("50000000 50555500 50500500 50500500 55500500 00000999"),
    fraction: 0.5,
    says: "Winding: a region is followed round its corners, up and to the left too.",
  },
  {
    name: "a region that leans",
    map: drawing("000900 009990 099000 990000 000000 000000"),
    fraction: 0.5,
    says: "Leaning: the box holds all of a region, not only what begins in its first row.",
  },
  {
    name: "a long thin region and a full one",
    map: drawing("00500000 05500000 55000000 00000055 00000055 00000055"),
    fraction: 0.5,
    says: "Size: pixels count, not the box around them.",
  },
  {
    name: "a faint map",
    map: drawing("00000 02220 02420 00080 00010").map((row) => row.map((value) => value / 100)),
    fraction: 0.25,
    says: "Threshold: a share of the map's largest value, that share included.",
  },
  {
    name: "the edge",
    map: drawing("55550 55550 00000 00099 00099 00099"),
    fraction: 0.5,
    says: "Edge: regions that reach the map's edge, and a larger one before a stronger one.",
  },
  {
    name: "two regions of equal size",
    map: drawing("000055 000055 000000 550000 550000 000005"),
    fraction: 0.5,
    says: "Equal regions: the first of them, row by row.",
  },
];

/**
 * Says in words whether boxes are right, and if not, what is wrong: on small maps drawn for it.
 * @throws CheckFailed with the words
 */
export async function checkBoundingBox(yours: Loosely<BoundingBoxFunction>): Promise<void> {
  for (const { name, map, fraction, says } of cases) {
    const given = map.map((row) => [...row]);
    const result = await callStudent("Task 3", () => inTime(() => yours(given, fraction), SECONDS, endless(given)));
    if (JSON.stringify(given) !== JSON.stringify(map))
      failed("Your function changes the map that it was given. Whoever called still needs it: work on a copy.");
    const box = boxOf(result);
    const right = referenceBox(map, fraction);
    if (JSON.stringify(box) !== JSON.stringify(right)) failed(boxMistake(map, fraction, box, right, name));
    passed(says);
  }
}

/** For maps of a few dozen pixels. A list that grows without end fills the memory soon, and the kernel dies of it. */
const SECONDS = 2;
const endless = ([first, ...others]: readonly number[][]): string =>
  `Endless: your function has not ended within ${SECONDS} s on a map of ${others.length + 1} × ${first.length} ` +
  `pixels. Is each pixel visited once only? Mark it when it is visited, and leave out what is marked.`;

/** Fails in words unless the result is four whole numbers by their names. */
function boxOf(result: unknown): Box {
  if (result === undefined || result === null) failed("Your function returned nothing. Is the `return` missing?");
  const { top, left, bottom, right } = result as Box;
  const infinite = [top, left, bottom, right].some((value) => value === Infinity || value === -Infinity);
  if (infinite)
    failed(
      "Your box has infinite ends, as Math.min() and Math.max() give for no values at all: no pixel was found. " +
        "A pixel counts from `fraction` times the map's largest value, not from `fraction`.",
    );
  if (![top, left, bottom, right].every(Number.isInteger))
    failed(
      `Your function must return a box { top, left, bottom, right } of whole numbers; it returned ` +
        `${JSON.stringify(result)?.slice(0, 60)}.`,
    );
  return { top, left, bottom, right };
}
