import type { Box } from "vitrine";

type Point = readonly [row: number, column: number];

interface BoxVariant {
  /** Which pixels count. Default: those of at least `fraction` of the maximum. */
  readonly counts?: (
    value: number,
    fraction: number,
    of: { readonly largest: number; readonly mean: number },
  ) => boolean;
  /** Neighbours' places. Default: the four that share a side. */
  readonly neighbours?: readonly Point[];
  /** Which region. Default: the largest, of equals the first. */
  readonly choose?: (regions: readonly Point[][], map: readonly number[][]) => readonly Point[];
  /** What becomes of the right corners. */
  readonly box?: (box: Box) => Box;
}

const sides: readonly Point[] = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
];
const peak = (region: readonly Point[], map: readonly number[][]): number =>
  Math.max(...region.map(([row, column]) => map[row][column]));

const mass = (region: readonly Point[], map: readonly number[][]): number =>
  region.reduce((sum, [row, column]) => sum + map[row][column], 0);
const span = (values: readonly number[]): number => Math.max(...values) - Math.min(...values) + 1;
const extent = (region: readonly Point[]): number =>
  span(region.map(([row]) => row)) * span(region.map(([, column]) => column));

/** The box by the task's definition, or with one of its parts exchanged; written apart from the library's own. */
export function referenceBox(map: readonly number[][], fraction: number, variant: BoxVariant = {}): Box {
  const {
    counts = (value, share, { largest }) => value >= share * largest,
    neighbours = sides,
    box = (found) => found,
    choose = (regions) => regions.reduce((best, region) => (region.length > best.length ? region : best)),
  } = variant;
  // Once for the map: it may have as many pixels as a photograph.
  const values = map.flat(),
    of = { largest: Math.max(...values), mean: values.reduce((sum, value) => sum + value, 0) / values.length };
  const open = map.map((row) => row.map((value) => counts(value, fraction, of)));
  const regions: Point[][] = [];
  map.forEach((line, row) =>
    line.forEach((_, column) => {
      if (!open[row][column]) return;
      const region: Point[] = [[row, column]];
      open[row][column] = false;
      for (let next = 0; next < region.length; next++) {
        for (const [down, right] of neighbours) {
          const [y, x] = [region[next][0] + down, region[next][1] + right];
          if (!open[y]?.[x]) continue;
          open[y][x] = false;
          region.push([y, x]);
        }
      }
      regions.push(region);
    }),
  );
  const chosen = regions.length > 0 ? choose(regions, map) : [];
  const rows = chosen.map(([row]) => row),
    columns = chosen.map(([, column]) => column);
  return box({
    top: Math.min(...rows),
    left: Math.min(...columns),
    bottom: Math.max(...rows) + 1,
    right: Math.max(...columns) + 1,
  });
}

const slips: readonly (BoxVariant & { words: string })[] = [
  {
    box: ({ top, left, bottom, right }) => ({ top, left, bottom: bottom - 1, right: right - 1 }),
    words:
      "Off by one: bottom and right are the last row and column of the region. They should be the first ones " +
      "after it, so that bottom − top is the height.",
  },
  {
    box: ({ top, left, bottom, right }) => ({ top: left, left: top, bottom: right, right: bottom }),
    words: "Rows and columns are swapped: top and bottom count rows, left and right count columns.",
  },
  {
    box: ({ top, left, bottom, right }) => ({ top, left, bottom: bottom - top, right: right - left }),
    words: "Size instead of end: bottom and right look like the height and the width of the region. They are places.",
  },
  {
    choose: (regions) => regions.flat(),
    words:
      "All pixels: your box holds every pixel above the threshold. Only the largest region that hangs together counts.",
  },
  {
    choose: (regions, map) => regions.reduce((best, region) => (peak(region, map) > peak(best, map) ? region : best)),
    words:
      "Strongest instead of largest: you take the region with the largest value. The one with the most pixels is " +
      "asked for.",
  },
  {
    choose: (regions, map) => regions.reduce((best, region) => (mass(region, map) > mass(best, map) ? region : best)),
    words:
      "Mass instead of size: you take the region with the largest sum of values. The one with the most " +
      "pixels is asked for.",
  },
  {
    choose: (regions) => regions.reduce((best, region) => (extent(region) > extent(best) ? region : best)),
    words:
      "Box instead of size: you take the region with the largest box around it. The one with the most " +
      "pixels is asked for.",
  },
  {
    choose: (regions) => regions[0],
    words: "First region: you take the first region that you meet. The one with the most pixels is asked for.",
  },
  {
    choose: (regions) => regions[regions.length - 1],
    words: "Last region: you take the last region that you meet. The one with the most pixels is asked for.",
  },
  {
    choose: (regions) => regions.reduce((best, region) => (region.length >= best.length ? region : best)),
    words:
      "Equal regions: of equally large ones the first counts, row by row from the top. Compare with > (not >=), and " +
      "let the loop over rows be the outer one.",
  },
  {
    neighbours: [...sides, [-1, -1], [-1, 1], [1, -1], [1, 1]],
    words: "Corners: you join pixels that touch by a corner only. Neighbours share a side.",
  },
  {
    neighbours: [
      [1, 0],
      [0, 1],
    ],
    words: "Winding: you follow a region down and to the right only. It may go up and to the left as well.",
  },
  {
    neighbours: [
      [1, 0],
      [-1, 0],
    ],
    words: "Neighbours: you follow a region up and down only.",
  },
  {
    neighbours: [
      [0, 1],
      [0, -1],
    ],
    words: "Neighbours: you follow a region to the left and right only.",
  },
  {
    counts: (value, fraction) => value >= fraction,
    words: "Threshold: you compare values with `fraction` itself. It is a share of the map's largest value.",
  },
  {
    counts: (value, fraction, { largest }) => value > fraction * largest,
    words: "Threshold: a value that is exactly the share of the largest one belongs to it (≥, not >).",
  },
  {
    counts: (value) => value > 0,
    words:
      "Threshold: every value above 0 counts with you. `fraction` says which share of the largest value is needed.",
  },
  {
    counts: (value, fraction, { mean }) => value >= fraction * mean,
    words: "Threshold: a share of the largest value is asked for, not of the mean.",
  },
];

/** Words for a box that is not the right one. @param name of the map */
export function boxMistake(map: readonly number[][], fraction: number, got: Box, right: Box, name: string): string {
  const slip = slips.find((variant) => JSON.stringify(referenceBox(map, fraction, variant)) === JSON.stringify(got));
  const shown = ({ top, left, bottom, right: end }: Box): string =>
    `rows ${top} to ${bottom}, columns ${left} to ${end}`;
  if (slip) return slip.words;
  const wrong = (["top", "left", "bottom", "right"] as const).filter((side) => got[side] !== right[side]);
  return (
    `Another box: on the map “${name}” (fraction ${fraction}) yours is ${shown(got)}; ${wrong.join(" and ")} ` +
    `${wrong.length > 1 ? "are" : "is"} not where the largest region begins or ends. Print the map, and the pixels ` +
    `that you count to the region.`
  );
}
