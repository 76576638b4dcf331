type Rows = readonly (readonly number[])[];

interface EdgeVariant {
  /** Kernel of the derivative along a row; down a column its transpose. Default: Sobel's. */
  readonly kernel?: Rows;
  /** Makes an edge of the two derivatives. Default: the length. */
  readonly edge?: (across: number, down: number) => number;
  /** What becomes of a map's value. Default: the absolute value. */
  readonly map?: (value: number) => number;
  /** Which pixels of the map count, and which of the edges: by how much they are moved. Default: the inner ones. */
  readonly shift?: number;
  /** Pixels at the border count as well, with this beyond it. Default: they do not. */
  readonly beyond?: "zero" | "nearest";
  /** Makes a number of two lists. Default: Pearson's correlation. */
  readonly compare?: (a: number[], b: number[]) => number;
  /** What stands in place of the edges. Default: nothing does. */
  readonly instead?: (image: Rows, row: number, column: number) => number;
}

const sobel = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];
const mean = (list: number[]): number => list.reduce((total, each) => total + each, 0) / list.length;
const products = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const centred = (values: number[]): number[] => values.map((value) => value - mean(values));
const flat = (values: number[]): boolean => values.every((value) => value === values[0]);
const pearson = (a: number[], b: number[]): number =>
  flat(a) || flat(b)
    ? 0
    : products(centred(a), centred(b)) / Math.sqrt(products(centred(a), centred(a)) * products(centred(b), centred(b)));
/** Places in order of size, from 0. */
const ranks = (values: number[]): number[] => values.map((value) => values.filter((other) => other < value).length);

/** The task's definition, or one with a part exchanged; written apart from the library's own. */
export function referenceCorrelation(map: Rows, image: Rows, variant: EdgeVariant = {}): number {
  const {
    kernel = sobel,
    edge = Math.hypot,
    map: reduce = Math.abs,
    shift = 0,
    beyond,
    compare = pearson,
    instead,
  } = variant;
  const height = image.length,
    width = image[0].length,
    rim = beyond ? 0 : 1;
  const at = (row: number, column: number): number => {
    const [y, x] = [Math.min(height - 1, Math.max(0, row)), Math.min(width - 1, Math.max(0, column))];
    return beyond === "zero" && (y !== row || x !== column) ? 0 : image[y][x];
  };
  const values: number[] = [],
    edges: number[] = [];
  for (let row = rim; row < height - rim; row++)
    for (let column = rim; column < width - rim; column++) {
      let across = 0,
        down = 0;
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          across += kernel[dy + 1][dx + 1] * at(row + dy, column + dx);
          down += kernel[dx + 1][dy + 1] * at(row + dy, column + dx);
        }
      values.push(reduce(map[row + shift][column + shift]));
      edges.push(instead ? instead(image, row, column) : edge(across, down));
    }
  return compare(values, edges);
}

const slips: readonly (EdgeVariant & { words: string })[] = [
  {
    map: (value) => value,
    words: "Sign: you correlate the map with its signs. Edges have none: take the map's absolute value first.",
  },
  {
    map: (value) => Math.max(0, value),
    words: "Sign: you drop what is negative in the map. Its absolute value is asked for.",
  },
  { map: (value) => value * value, words: "Square: you square the map's values. Their absolute value is asked for." },
  {
    edge: (across) => across,
    words:
      "One direction, with its sign: your edges are the derivative along the rows alone. The length √(a² + b²) " +
      "of both is asked for.",
  },
  {
    edge: (_, down) => down,
    words:
      "One direction, with its sign: your edges are the derivative down the columns alone. The length √(a² + b²) " +
      "of both is asked for.",
  },
  {
    edge: (across) => Math.abs(across),
    words: "One direction: your edges are the derivative along the rows alone. Edges that run along a row are missing.",
  },
  {
    edge: (_, down) => Math.abs(down),
    words:
      "One direction: your edges are the derivative down the columns alone. Edges that run down a column are missing.",
  },
  {
    edge: (across, down) => Math.abs(across) + Math.abs(down),
    words:
      "Length: you add the absolute values of the two derivatives. The length is the root of the sum of their squares.",
  },
  {
    edge: (across, down) => across + down,
    words: "Length: you add the two derivatives. The length is the root of the sum of their squares.",
  },
  { edge: (across, down) => across ** 2 + down ** 2, words: "Length: the root is missing." },
  {
    kernel: [
      [-1, 0, 1],
      [-1, 0, 1],
      [-1, 0, 1],
    ],
    words: "Kernel: every row of your kernel weighs the same. Sobel's middle row counts twice.",
  },
  {
    kernel: [
      [0, 0, 0],
      [-1, 0, 1],
      [0, 0, 0],
    ],
    words: "Kernel: you take the difference of two neighbours. Sobel's kernel has three rows.",
  },
  {
    instead: (image, row, column) => image[row][column],
    words: "Edges forgotten: you correlate the map with the image itself.",
  },
  {
    shift: -1,
    words:
      "Moved: your map is one pixel away from your edges. The edge worked out from the neighbours of [row, " +
      "column] belongs to the map's [row, column].",
  },
  {
    shift: 1,
    words:
      "Moved: your map is one pixel away from your edges. The edge worked out from the neighbours of [row, " +
      "column] belongs to the map's [row, column].",
  },
  {
    beyond: "zero",
    words:
      "Border: you count the outermost pixels as well, with black around the image: there the image's frame is " +
      "an edge. Leave them out.",
  },
  {
    beyond: "nearest",
    words: "Border: you count the outermost pixels as well. Only those with eight neighbours count.",
  },
  {
    compare: (a, b) => products(a, b) / Math.sqrt(products(a, a) * products(b, b)),
    words: "Mean forgotten: you do not take the means off before you multiply (this is the cosine).",
  },
  {
    compare: (a, b) => products(centred(a), centred(b)),
    words: "Not divided: this is the sum above the fraction line alone. Divide it by both lengths.",
  },
  {
    compare: (a, b) => products(centred(a), centred(b)) / a.length,
    words: "Not divided: this is the covariance. Divide it by both standard deviations.",
  },
  {
    compare: (a, b) => products(centred(a), centred(b)) / (a.length - 1),
    words: "Not divided: this is the covariance. Divide it by both standard deviations.",
  },
  {
    compare: (a, b) => pearson(a, b) / a.length,
    words: "Scale: you divide by the number of pixels once too often. It cancels in the correlation.",
  },
  {
    compare: (a, b) =>
      products(centred(a), centred(b)) / (products(centred(a), centred(a)) * products(centred(b), centred(b))),
    words: "Root forgotten: below the fraction line stands the root of the product.",
  },
  { compare: (a, b) => pearson(a, b) ** 2, words: "Squared: this is the square of the correlation." },
  { compare: (a, b) => 1 - pearson(a, b), words: "Distance: this is 1 minus the correlation." },
  { compare: (a, b) => -pearson(a, b), words: "Sign: your correlation has the opposite sign." },
  {
    compare: (a, b) => pearson(ranks(a), ranks(b)),
    words: "Ranks: this is Spearman's correlation, of ranks. Pearson's, of the values, is asked for.",
  },
];

/** @returns words for a number that is not the right one, if it is a usual slip */
export const edgeSlip = (
  map: Rows,
  image: Rows,
  got: number,
  close: (a: number, b: number) => boolean,
): string | undefined => slips.find((variant) => close(got, referenceCorrelation(map, image, variant)))?.words;
