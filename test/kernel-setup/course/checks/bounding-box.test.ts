import { expect } from "chai";
import { tensor4d } from "@tensorflow/tfjs";
import { checkBoundingBox, type BoundingBoxFunction } from "../../../../kernel-setup/course/checks";
import { localize, type Box } from "vitrine";
import { failsWith, spoken } from "./spoken";

type Point = [number, number];
interface Parts {
  counts?: (value: number, most: number, fraction: number) => boolean;
  near?: Point[];
  choose?: (regions: Point[][], map: number[][]) => Point[];
  box?: (box: Box) => Box;
}

/** A solution as a student writes it, by recursion; parts of it can be wrong. */
const solution =
  ({
    counts = (value, most, fraction) => value >= fraction * most,
    near = [
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
    ],
    choose,
    box = (found) => found,
  }: Parts = {}): BoundingBoxFunction =>
  (map, fraction) => {
    const most = Math.max(...map.map((row) => Math.max(...row)));
    const taken = map.map((row) => row.map(() => false));
    const spread = (y: number, x: number, into: Point[]): void => {
      if (taken[y]?.[x] !== false || !counts(map[y][x], most, fraction)) return;
      taken[y][x] = true;
      into.push([y, x]);
      for (const [dy, dx] of near) spread(y + dy, x + dx, into);
    };
    const regions: Point[][] = [];
    for (let y = 0; y < map.length; y++)
      for (let x = 0; x < map[0].length; x++) {
        const region: Point[] = [];
        spread(y, x, region);
        if (region.length > 0) regions.push(region);
      }
    const region = choose ? choose(regions, map) : [...regions].sort((a, b) => b.length - a.length)[0];
    const ys = region.map(([y]) => y),
      xs = region.map(([, x]) => x);
    return box({
      top: Math.min(...ys),
      left: Math.min(...xs),
      bottom: Math.max(...ys) + 1,
      right: Math.max(...xs) + 1,
    });
  };
const peak = (region: Point[], map: number[][]): number => Math.max(...region.map(([y, x]) => map[y][x]));

describe("checkBoundingBox", () => {
  it("says what is right, and the library agrees", async () => {
    const seen: [number[][], number, Box][] = [],
      student = solution();
    const { lines, words } = await spoken(() =>
      checkBoundingBox(async (map, fraction) => {
        const box = await student(map, fraction);
        seen.push([map, fraction, box]);
        return box;
      }),
    );
    expect(words).to.equal(undefined);
    expect(lines).to.have.length(9);
    for (const line of lines) expect(line).to.match(/^✓ /);
    // Afterwards: within the check it is not to be called.
    for (const [map, fraction, box] of seen)
      expect(
        (
          await localize(tensor4d(map.flat(), [1, map.length, map[0].length, 1]), { fraction: fraction * (1 - 1e-6) })
        )[0],
      ).to.deep.equal(box);
  });

  const mistakes: [string, BoundingBoxFunction, RegExp][] = [
    [
      "the stub",
      () => {
        throw new Error("not implemented");
      },
      /Task 3 is not implemented yet/,
    ],
    ["nothing returned", (() => undefined) as never, /returned nothing/],
    ["no box", (() => [0, 0, 1, 1]) as never, /must return a box \{ top, left, bottom, right \}/],
    ["inclusive ends", solution({ box: (b) => ({ ...b, bottom: b.bottom - 1, right: b.right - 1 }) }), /Off by one/],
    [
      "rows and columns swapped",
      solution({ box: (b) => ({ top: b.left, left: b.top, bottom: b.right, right: b.bottom }) }),
      /swapped/,
    ],
    [
      "height and width",
      solution({ box: (b) => ({ ...b, bottom: b.bottom - b.top, right: b.right - b.left }) }),
      /Size instead of end/,
    ],
    ["all pixels", solution({ choose: (regions) => regions.flat() }), /All pixels/],
    [
      "the strongest region",
      solution({ choose: (regions, map) => [...regions].sort((a, b) => peak(b, map) - peak(a, map))[0] }),
      /Strongest instead of largest/,
    ],
    ["the first region", solution({ choose: ([first]) => first }), /First region|Strongest/],
    [
      "the last of equally large ones",
      solution({
        choose: (regions) => regions.reduce((best, region) => (region.length >= best.length ? region : best)),
      }),
      /Equal regions: of equally large ones the first counts/,
    ],
    ["the last region", solution({ choose: (regions) => regions[regions.length - 1] }), /Last region|Strongest/],
    [
      "corners join",
      solution({
        near: [
          [0, 1],
          [1, 0],
          [0, -1],
          [-1, 0],
          [1, 1],
          [1, -1],
          [-1, 1],
          [-1, -1],
        ],
      }),
      /Corners/,
    ],
    [
      "down and right only",
      solution({
        near: [
          [0, 1],
          [1, 0],
        ],
      }),
      /Winding|Another box/,
    ],
    [
      "columns only",
      solution({
        near: [
          [1, 0],
          [-1, 0],
        ],
      }),
      /Neighbours: you follow a region up and down only/,
    ],
    [
      "rows only",
      solution({
        near: [
          [0, 1],
          [0, -1],
        ],
      }),
      /Neighbours: .*left and right only/,
    ],
    [
      "an absolute threshold",
      solution({ counts: (value, _most, fraction) => value >= fraction }),
      /Threshold: you compare values with `fraction` itself|Another box|stopped with an error/,
    ],
    ["strictly above", solution({ counts: (value, most, fraction) => value > fraction * most }), /≥, not >/],
    ["no threshold", solution({ counts: (value) => value > 0 }), /Threshold/],
    [
      "the smallest region",
      solution({ choose: (regions) => [...regions].sort((a, b) => a.length - b.length)[0] }),
      /Another box|Strongest|Last|First/,
    ],
    [
      "an error of its own",
      () => {
        throw new TypeError("boom");
      },
      /stopped with an error: boom/,
    ],
    [
      "changing the map",
      (map, fraction) => {
        const found = solution()(map, fraction);
        map[0][0] = -1;
        return found;
      },
      /changes the map/,
    ],
  ];
  for (const [name, implementation, words] of mistakes) {
    it(`names the mistake: ${name}`, async () => {
      await failsWith(() => checkBoundingBox(implementation), words);
    });
  }
});
