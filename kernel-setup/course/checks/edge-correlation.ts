import { random } from "vitrine/dist/kit";
import { callStudent, failed, passed, type Loosely } from "./call-student";
import { edgeSlip, referenceCorrelation } from "./edge-correlation-mistakes";

/**
 * What the student writes: Pearson's correlation of a map's absolute values with the Sobel edges of an image, over the
 * pixels that have eight neighbours; 0 where one of the two is the same everywhere.
 * @param map rows of values of any sign
 * @param image rows of grey values, as many
 */
export type EdgeCorrelationFunction = (map: number[][], image: number[][]) => number | Promise<number>;

const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

/**
 * Says in words whether a correlation with edges is right, and if not, what is wrong: on pictures of random grey
 * values.
 * @throws CheckFailed with the words
 */
export async function checkEdgeCorrelation(yours: Loosely<EdgeCorrelationFunction>): Promise<void> {
  const source = random(5, 31),
    rows = (value: () => number): number[][] => Array.from({ length: 7 }, () => Array.from({ length: 9 }, value));
  const map = rows(() => source.normal()),
    image = rows(() => source.uniform()),
    grey = rows(() => 0.5),
    steps = image.map((row, y) => row.map((_, x) => (x > y ? 0.9 : 0.2)));
  const cases: { name: string; map: number[][]; image: number[][]; says: string }[] = [
    {
      name: "a random map and a random image",
      map,
      image,
      says:
        "Edges: the length of both Sobel derivatives, where a pixel has eight neighbours, beside the map's " +
        "absolute value there.",
    },
    {
      name: "an image with one edge across, and a map that follows it",
      map: steps.map((row, y) => row.map((_, x) => (Math.abs(x - y) < 2 ? -3 : 0.1))),
      image: steps,
      says: "Correlation: of a map that follows an edge, whatever its sign.",
    },
    {
      name: "values far from 1",
      map: map.map((row) => row.map((value) => 1e-3 * value + 0.02)),
      image,
      says: "Scale: a map of small values, none of them far from the others.",
    },
    { name: "an image that is grey all over", map, image: grey, says: "Nothing there: 0 for an image without edges." },
    { name: "a map of one value", map: grey, image, says: "Nothing there: 0 for a map that is the same everywhere." },
  ];
  for (const { name, map: values, image: pixels, says } of cases) {
    const given = [values, pixels].map((each) => each.map((row) => [...row]));
    const got: unknown = await callStudent("Task 3", () => yours(given[0], given[1]));
    if (JSON.stringify(given) !== JSON.stringify([values, pixels]))
      failed("Your function changes what it was given. Whoever called still needs it: work on a copy.");
    if (got === undefined || got === null) failed("Your function returned nothing. Is the `return` missing?");
    if (typeof got !== "number") failed("Your function must return a number: the correlation.");
    const right = referenceCorrelation(values, pixels);
    if (!close(got, right)) failed(words(name, values, pixels, got, right));
    passed(says);
  }
}

function words(name: string, map: number[][], image: number[][], got: number, right: number): string {
  if (Number.isNaN(got))
    return (
      `Not a number: on ${name} your result is NaN. Where nothing varies there is nothing to divide by: return 0 ` +
      `there.`
    );
  const slip = edgeSlip(map, image, got, close);
  if (slip) return slip;
  return (
    `On ${name} your result is ${Number(got.toPrecision(4))}, and it should be ${Number(right.toPrecision(4))}. ` +
    ("It is none of the usual slips (sign, kernel, border, mean): compare your code with the formulas above, term " +
      "by term.")
  );
}
