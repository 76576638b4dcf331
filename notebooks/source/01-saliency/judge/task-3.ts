import { boxMistake, referenceBox } from "vitrine-course/dist/checks/bounding-box-mistakes";
import { AnswerWrong, defineTask, type Answer, type Random, type Student } from "vitrine/judge";

type Box = ReturnType<typeof referenceBox>;
const sides = ["top", "left", "bottom", "right"] as const;
const same = (a: Box, b: Box): boolean => sides.every((side) => a[side] === b[side]);

async function compare(student: Student, map: number[][], fraction: number, name: string): Promise<void> {
  const box = boxOf(await student.call("myBox", [map, fraction])),
    right = referenceBox(map, fraction);
  if (!same(box, right)) throw new AnswerWrong(boxMistake(map, fraction, box, right, name));
}

function boxOf(answer: Answer): Box {
  const box = answer as unknown as Partial<Box> | undefined | null;
  if (box === undefined || box === null)
    throw new AnswerWrong("Your function returned nothing. Is the `return` missing?");
  if (!sides.every((side) => Number.isInteger(box[side])))
    throw new AnswerWrong("Your function must return a box { top, left, bottom, right } of whole numbers.");
  return box as Box;
}

/**
 * A faint map with one block; some of its values are exactly the share asked for, so all numbers are sums of powers of
 * 2.
 */
function block({ integer }: Random): number[][] {
  const top = 1 + integer(8),
    left = 1 + integer(10),
    faint = 2 ** -7;
  return Array.from({ length: 12 }, (_, y) =>
    Array.from({ length: 17 }, (_unused, x) => {
      const inside = y >= top && y < top + 3 && x >= left && x < left + 5;
      const edge = y === top || y === top + 2 || x === left || x === left + 4;
      return faint * (inside ? (edge ? 0.5 : 1) : integer(4) / 8);
    }),
  );
}

const corners = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
] as const;

/** Drawn until every usual slip would give another box, and no other region is as large. */
function regions({ uniform, integer }: Random): number[][] {
  for (;;) {
    const map = Array.from({ length: 10 }, () =>
      Array.from({ length: 14 }, () => (uniform() < 0.52 ? 0.5 + integer(5) / 8 : integer(4) / 8)),
    );
    map[integer(10)][integer(14)] = 1;
    const right = referenceBox(map, 0.5),
      slips = [
        referenceBox(map, 0.5, { choose: (all) => all.flat() }),
        referenceBox(map, 0.5, { choose: (all) => all[0] }),
        referenceBox(map, 0.5, { choose: (all) => all[all.length - 1] }),
        referenceBox(map, 0.5, { neighbours: corners }),
        referenceBox(map, 0.5, {
          neighbours: [
            [1, 0],
            [0, 1],
          ],
        }),
      ];
    const alone = same(
      right,
      referenceBox(map, 0.5, {
        choose: (all) => all.reduce((best, region) => (region.length >= best.length ? region : best)),
      }),
    );
    if (alone && slips.every((slip) => !same(slip, right))) return map;
  }
}

/**
 * Nearly all of a photograph's pixels in one region: a function that calls itself for each of them runs out of stack.
 */
function large({ integer, uniform }: Random): number[][] {
  const top = 2 + integer(9),
    left = 2 + integer(20),
    bottom = 130 + integer(15),
    right = 140 + integer(15);
  const inside = (y: number, x: number): boolean => y >= top && y < bottom && x >= left && x < right;
  return Array.from({ length: 150 }, (_, y) =>
    Array.from({ length: 160 }, (_unused, x) => (inside(y, x) ? 0.75 : 0) + 0.25 * uniform()),
  );
}

const solution = ({
  counts = "value >= least",
  neighbours = "[[r - 1, c], [r + 1, c], [r, c - 1], [r, c + 1]]",
  better = "region.length > best.length",
  end = 1,
}): string => `function myBox(map: number[][], fraction: number): Box {
  const least = fraction * Math.max(...map.map((row) => Math.max(...row)));
  const open = map.map((row) => row.map((value) => ${counts}));
  let best: number[][] = [];
  map.forEach((row, y) => row.forEach((_, x) => {
    if (!open[y][x]) return;
    const region = [[y, x]];
    open[y][x] = false;
    for (let k = 0; k < region.length; k++) {
      const [r, c] = region[k];
      for (const [y2, x2] of ${neighbours}) {
        if (!open[y2]?.[x2]) continue;
        open[y2][x2] = false;
        region.push([y2, x2]);
      }
    }
    if (${better}) best = region;
  }));
  const rows = best.map(([r]) => r).sort((a, b) => a - b), columns = best.map(([, c]) => c).sort((a, b) => a - b);
  return { top: rows[0], left: columns[0], bottom: rows[rows.length - 1] + ${end},
    right: columns[columns.length - 1] + ${end} };
}`;

export default defineTask({
  task: "task-3",
  points: "check-3",
  functions: ["myBox"],
  teaches: ["localize"],
  parts: [
    {
      name: "one block in a faint map",
      points: 1,
      test: ({ student, random }) => compare(student, block(random), 0.5, "a faint map"),
    },
    {
      name: "the largest of several regions",
      points: 1,
      test: ({ student, random }) => compare(student, regions(random), 0.5, "regions of all shapes"),
    },
    {
      name: "a large region",
      points: 1,
      test: ({ student, random }) => compare(student, large(random), 0.5, "a large region"),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function myBox(map: number[][], fraction: number) {
  return ((await localize(tf.tensor4d([map.map((row) => row.map((value) => [value]))]),
    { threshold: fraction } as never)) as unknown as Box[])[0];
}`,
    },
    { name: "the last row and column left out", losesAtLeast: 3, code: solution({ end: 0 }) },
    { name: "more than the share", losesAtLeast: 1, code: solution({ counts: "value > least" }) },
    { name: "the share itself as a threshold", losesAtLeast: 1, code: solution({ counts: "value >= fraction" }) },
    {
      name: "corners join",
      losesAtLeast: 1,
      code: solution({ neighbours: "[-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => [r + i, c + j]))" }),
    },
    { name: "the first region", losesAtLeast: 1, code: solution({ better: "best.length === 0" }) },
    { name: "down and to the right only", losesAtLeast: 1, code: solution({ neighbours: "[[r + 1, c], [r, c + 1]]" }) },
    {
      name: "calls itself for each pixel",
      losesAtLeast: 1,
      code: `function myBox(map: number[][], fraction: number): Box {
  const least = fraction * Math.max(...map.map((row) => Math.max(...row)));
  const open = map.map((row) => row.map((value) => value >= least));
  function visit(y: number, x: number, region: number[][]): number[][] {
    if (!open[y]?.[x]) return region;
    open[y][x] = false;
    region.push([y, x]);
    for (const [r, c] of [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]]) visit(r, c, region);
    return region;
  }
  let best: number[][] = [];
  map.forEach((row, y) => row.forEach((_, x) => {
    const region = visit(y, x, []);
    if (region.length > best.length) best = region;
  }));
  const rows = best.map(([r]) => r).sort((a, b) => a - b), columns = best.map(([, c]) => c).sort((a, b) => a - b);
  return { top: rows[0], left: columns[0], bottom: rows[rows.length - 1] + 1, right: columns[columns.length - 1] + 1 };
}`,
    },
  ],
});
