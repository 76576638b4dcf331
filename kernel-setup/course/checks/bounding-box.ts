import type { Box } from "vitrine";
import { boxMistake, referenceBox } from "./bounding-box-mistakes";
import { callStudent, failed, passed, type Loosely } from "./call-student";

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
];

/**
 * Says in words whether boxes are right, and if not, what is wrong: on small maps drawn for it.
 * @throws CheckFailed with the words
 */
export async function checkBoundingBox(yours: Loosely<BoundingBoxFunction>): Promise<void> {
  for (const { name, map, fraction, says } of cases) {
    const given = map.map((row) => [...row]);
    const result = await callStudent("Task 3", () => yours(given, fraction));
    if (JSON.stringify(given) !== JSON.stringify(map))
      failed("Your function changes the map that it was given. Whoever called still needs it: work on a copy.");
    const box = boxOf(result);
    const right = referenceBox(map, fraction);
    if (JSON.stringify(box) !== JSON.stringify(right)) failed(boxMistake(map, fraction, box, right, name));
    passed(says);
  }
}

/** Fails in words unless the result is four whole numbers by their names. */
function boxOf(result: unknown): Box {
  if (result === undefined || result === null) failed("Your function returned nothing. Is the `return` missing?");
  const { top, left, bottom, right } = result as Box;
  if (![top, left, bottom, right].every(Number.isInteger))
    failed("Your function must return a box { top, left, bottom, right } of whole numbers.");
  return { top, left, bottom, right };
}
