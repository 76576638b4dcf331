import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { checkEdgeCorrelation, type EdgeCorrelationFunction } from "../../../../kernel-setup/course/checks";
import { edgeCorrelation } from "vitrine";
import { failsWith, spoken } from "./spoken";

interface Parts {
  weights: number[];
  edge: (a: number, b: number) => number;
  map: (value: number) => number;
  rim: number;
  compare: (x: number[], y: number[]) => number;
  at: (image: number[][], y: number, x: number) => number;
  moved: number;
}
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i], 0);
const less = (x: number[]): number[] => x.map((value) => value - mean(x));
const constant = (x: number[]): boolean => Math.max(...x) - Math.min(...x) < 1e-12;
const pearson = (x: number[], y: number[]): number =>
  constant(x) || constant(y) ? 0 : dot(less(x), less(y)) / Math.sqrt(dot(less(x), less(x)) * dot(less(y), less(y)));
const right: Parts = {
  weights: [1, 2, 1],
  edge: (a, b) => Math.sqrt(a * a + b * b),
  map: Math.abs,
  rim: 1,
  compare: pearson,
  at: (image, y, x) => image[y]?.[x] ?? 0,
  moved: 0,
};

/** As a student writes it, with some part written wrongly. */
const written =
  (wrong: Partial<Parts> = {}): EdgeCorrelationFunction =>
  (map, image) => {
    const { weights, edge, map: value, rim, compare, at, moved } = { ...right, ...wrong };
    const x: number[] = [],
      y: number[] = [];
    for (let r = rim; r < image.length - rim; r++)
      for (let c = rim; c < image[0].length - rim; c++) {
        let a = 0,
          b = 0;
        for (const k of [-1, 0, 1]) {
          a += weights[k + 1] * (at(image, r + k, c + 1) - at(image, r + k, c - 1));
          b += weights[k + 1] * (at(image, r + 1, c + k) - at(image, r - 1, c + k));
        }
        x.push(value(map[r + moved][c + moved]));
        y.push(edge(a, b));
      }
    return compare(x, y);
  };

describe("checkEdgeCorrelation", () => {
  it("says what is right", async () => {
    const { lines, words } = await spoken(() => checkEdgeCorrelation(written()));
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(5);
    for (const line of lines) expect(line).to.match(/^✓ /);
  });

  it("agrees with the library", async () => {
    const asTensor = (rows: number[][]): tf.Tensor4D => tf.tensor4d(rows.flat(), [1, rows.length, rows[0].length, 1]);
    const seen: [number[][], number[][], number][] = [],
      student = written();
    const { words } = await spoken(() =>
      checkEdgeCorrelation(async (map, image) => {
        const value = await student(map, image);
        seen.push([map, image, value]);
        return value;
      }),
    );
    expect(words).to.equal(undefined);
    // Afterwards: within the check it is not to be called.
    for (const [map, image, value] of seen)
      expect((await edgeCorrelation(asTensor(map), asTensor(image)))[0]).to.be.closeTo(value, 1e-5);
  });

  const mistakes: [string, EdgeCorrelationFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 3 is not implemented yet/,
    ],
    [
      "an error of its own",
      () => {
        throw new TypeError("boom");
      },
      /stopped with an error: boom/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing/],
    ["a tensor", (() => tf.scalar(1)) as never, /must return a number/],
    [
      "the map changed",
      (map, image) => {
        map[1][1] = 0;
        return written()(map, image);
      },
      /changes what it was given/,
    ],
    ["the sign kept", written({ map: (value) => value }), /Sign: .*with its signs/],
    ["the negative dropped", written({ map: (value) => Math.max(0, value) }), /Sign: you drop/],
    ["the map squared", written({ map: (value) => value ** 2 }), /Square: /],
    ["one direction, signed", written({ edge: (a) => a }), /One direction, with its sign: .*along the rows/],
    ["the other direction, signed", written({ edge: (_, b) => b }), /One direction, with its sign: .*down the columns/],
    ["one direction", written({ edge: Math.abs as (a: number) => number }), /One direction: .*along the rows/],
    ["the other direction", written({ edge: (_, b) => Math.abs(b) }), /One direction: .*down the columns/],
    [
      "a sum of absolute values",
      written({ edge: (a, b) => Math.abs(a) + Math.abs(b) }),
      /Length: you add the absolute values/,
    ],
    ["a sum", written({ edge: (a, b) => a + b }), /Length: you add the two/],
    ["no root", written({ edge: (a, b) => a * a + b * b }), /Length: the root is missing/],
    ["even weights", written({ weights: [1, 1, 1] }), /Kernel: .*middle row counts twice/],
    ["two neighbours", written({ weights: [0, 1, 0] }), /Kernel: .*two neighbours/],
    [
      "the image",
      (map, image) =>
        pearson(
          map.slice(1, -1).flatMap((row) => row.slice(1, -1).map(Math.abs)),
          image.slice(1, -1).flatMap((row) => row.slice(1, -1)),
        ),
      /Edges forgotten/,
    ],
    ["moved up", written({ moved: -1 }), /Moved: /],
    ["moved down", written({ moved: 1 }), /Moved: /],
    ["black around", written({ rim: 0 }), /Border: .*black around/],
    [
      "the border",
      written({ rim: 0, at: (image, y, x) => image[Math.min(6, Math.max(0, y))][Math.min(8, Math.max(0, x))] }),
      /Border: .*eight neighbours/,
    ],
    ["the cosine", written({ compare: (x, y) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y)) }), /Mean forgotten/],
    ["the covariance", written({ compare: (x, y) => dot(less(x), less(y)) / x.length }), /Not divided: .*covariance/],
    [
      "the sample covariance",
      written({ compare: (x, y) => dot(less(x), less(y)) / (x.length - 1) }),
      /Not divided: .*covariance/,
    ],
    ["above the line", written({ compare: (x, y) => dot(less(x), less(y)) }), /Not divided: .*above the fraction line/],
    [
      "no root below",
      written({ compare: (x, y) => dot(less(x), less(y)) / (dot(less(x), less(x)) * dot(less(y), less(y))) }),
      /Root forgotten/,
    ],
    [
      "divided again",
      written({ compare: (x, y) => pearson(x, y) / x.length }),
      /divide by the number of pixels once too often/,
    ],
    ["squared", written({ compare: (x, y) => pearson(x, y) ** 2 }), /Squared: /],
    ["a distance", written({ compare: (x, y) => 1 - pearson(x, y) }), /Distance: /],
    ["the opposite", written({ compare: (x, y) => -pearson(x, y) }), /Sign: .*opposite/],
    [
      "ranks",
      written({
        compare: (x, y) =>
          pearson(
            ...([x, y].map((all) => all.map((value) => all.filter((other) => other < value).length)) as [
              number[],
              number[],
            ]),
          ),
      }),
      /Ranks: /,
    ],
    [
      "NaN where nothing varies",
      written({ compare: (x, y) => dot(less(x), less(y)) / Math.sqrt(dot(less(x), less(x)) * dot(less(y), less(y))) }),
      /Not a number: on an image that is grey all over|Not a number: on a map of one value|should be 0/,
    ],
    [
      "something else",
      written({ compare: () => 0.123 }),
      /On a random map and a random image your result is 0\.123.*none of the usual slips/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () =>
      void (await failsWith(() => checkEdgeCorrelation(implementation), words)));
  }
});
