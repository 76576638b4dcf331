import { edgeSlip, referenceCorrelation } from "vitrine-course/dist/checks/edge-correlation-mistakes";
import { AnswerWrong, defineTask, type Random, type Student } from "vitrine/judge";

type Rows = number[][];

const tolerance = 1e-5;
const close = (a: number, b: number): boolean => Math.abs(a - b) < tolerance;
const rows = (height: number, width: number, value: (y: number, x: number) => number): Rows =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_unused, x) => value(y, x)));

async function compare(student: Student, map: Rows, image: Rows, where: string): Promise<void> {
  const got = await student.call("myEdgeCorrelation", [map, image]);
  if (got === undefined || got === null)
    throw new AnswerWrong("Your function returned nothing. Is the `return` missing?");
  if (typeof got !== "number") throw new AnswerWrong("Your function must return a number: the correlation.");
  if (Number.isNaN(got))
    throw new AnswerWrong(
      `On ${where} your result is NaN. Where nothing varies there is nothing to divide by: return 0 there.`,
    );
  if (close(got, referenceCorrelation(map, image))) return;
  throw new AnswerWrong(
    edgeSlip(map, image, got, close) ??
      `On ${where} your result is wrong, and it is none of the usual slips (sign, kernel, border, mean): compare ` +
        "your code with the formulas, term by term.",
  );
}

const signed = ({ normal }: Random, height: number, width: number, scale: number): Rows =>
  rows(height, width, () => scale * normal());
const grey = ({ uniform }: Random, height: number, width: number): Rows => rows(height, width, () => uniform());

const solution = ({
  at = "Math.abs(map[y][x])",
  edge = "Math.hypot(a, b)",
  from = 1,
  middle = 2,
  end = "return mm === 0 || ee === 0 ? 0 : me / Math.sqrt(mm * ee);",
  mean = "v.reduce((s, e) => s + e, 0) / v.length",
} = {}): string =>
  `function myEdgeCorrelation(map: number[][], image: number[][]): number {
  const w = [1, ${middle}, 1], m: number[] = [], e: number[] = [], h = image.length, n = image[0].length;
  const pixel = (y: number, x: number) => image[Math.min(h - 1, Math.max(0, y))][Math.min(n - 1, Math.max(0, x))];
  for (let y = ${from}; y < h - ${from}; y++) for (let x = ${from}; x < n - ${from}; x++) {
    let a = 0, b = 0;
    for (const k of [-1, 0, 1]) {
      a += w[k + 1] * (pixel(y + k, x + 1) - pixel(y + k, x - 1));
      b += w[k + 1] * (pixel(y + 1, x + k) - pixel(y - 1, x + k));
    }
    m.push(${at});
    e.push(${edge});
  }
  const mean = (v: number[]) => ${mean}, mm1 = mean(m), me1 = mean(e);
  let me = 0, mm = 0, ee = 0;
  m.forEach((value, i) => { me += (value - mm1) * (e[i] - me1); mm += (value - mm1) ** 2; ee += (e[i] - me1) ** 2; });
  ${end}
}`;

export default defineTask({
  task: "task-3",
  points: "check-3",
  functions: ["myEdgeCorrelation"],
  teaches: ["edgeCorrelation"],
  parts: [
    {
      name: "a random map, a random image",
      points: 1.5,
      test: ({ student, random }) =>
        compare(student, signed(random, 8, 11, 1), grey(random, 8, 11), "a random map and a random image"),
    },
    {
      name: "a map that follows an edge, with signs",
      points: 1,
      test: ({ student, random }) => {
        const from = 3 + random.integer(4),
          sign = random.integer(2) === 0 ? -1 : 1;
        const image = rows(9, 12, (y, x) => (x + y > from + 4 ? 0.8 : 0.3) + 0.02 * random.uniform());
        return compare(
          student,
          rows(9, 12, (y, x) => (Math.abs(x + y - from - 4) < 2 ? 2 * sign : 0.1) * (1 + 0.1 * random.uniform())),
          image,
          "an image with one edge and a map that follows it",
        );
      },
    },
    {
      name: "nothing there",
      points: 0.5,
      test: async ({ student, random }) => {
        // Something that varies first, so that a function that gives 0 for everything has nothing.
        await compare(student, signed(random, 6, 7, 1), grey(random, 6, 7), "a small random map and a random image");
        await compare(
          student,
          signed(random, 6, 7, 1),
          rows(6, 7, () => 0.25),
          "an image that is grey all over",
        );
        await compare(
          student,
          rows(6, 7, () => -0.5),
          grey(random, 6, 7),
          "a map of one value",
        );
      },
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function myEdgeCorrelation(map: number[][], image: number[][]) {
  const four = (rows: number[][]) => tf.tensor(rows).expandDims(0).expandDims(3);
  return (await edgeCorrelation(four(map), four(image)))[0];
}`,
    },
    { name: "the map with its signs", losesAtLeast: 1.5, code: solution({ at: "map[y][x]" }) },
    { name: "one direction", losesAtLeast: 2.5, code: solution({ edge: "Math.abs(a)" }) },
    { name: "no middle row", losesAtLeast: 2.5, code: solution({ middle: 1 }) },
    { name: "the border counts", losesAtLeast: 2.5, code: solution({ from: 0 }) },
    { name: "the cosine", losesAtLeast: 2.5, code: solution({ mean: "0 * v.length" }) },
    { name: "divides by nothing", losesAtLeast: 0.5, code: solution({ end: "return me / Math.sqrt(mm * ee);" }) },
  ],
});
