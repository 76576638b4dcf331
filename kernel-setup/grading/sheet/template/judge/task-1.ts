import { defineTask, type Random } from "vitrine/judge";

/** Share of the values above 0 that lie in a box, worked out one by one. */
function share(map: readonly number[][], { top, left, bottom, right }: Box): number {
  let inside = 0,
    all = 0;
  map.forEach((row, y) =>
    row.forEach((value, x) => {
      all += Math.max(0, value);
      if (y >= top && y < bottom && x >= left && x < right) inside += Math.max(0, value);
    }),
  );
  return all === 0 ? 0 : inside / all;
}

interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** Rows and columns differ in number, so that exchanging them shows. */
const drawnMap = (random: Random, value: () => number): number[][] =>
  Array.from({ length: 6 + random.integer(4) }, () => Array.from({ length: 11 }, value));
const drawnBox = ({ integer }: Random): Box => {
  const top = integer(3),
    left = integer(5);
  return { top, left, bottom: top + 1 + integer(3), right: left + 2 + integer(4) };
};

/**
 * A map and a box, drawn until some of the map lies in the box: where the right answer is 0, a function that gives 0
 * for everything is right.
 */
function drawn(random: Random, value: () => number): { map: number[][]; box: Box } {
  const map = drawnMap(random, value),
    box = drawnBox(random);
  return share(map, box) > 0.05 ? { map, box } : drawn(random, value);
}

// Runs on the teacher's side: the student's function is called in a sandbox, and only its answer comes back.
export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["myShare"],
  // Every export of vitrine by which the answer could be called. They are not there when the task is marked.
  teaches: ["energyPointingGame"],
  parts: [
    {
      name: "a map without negative values",
      points: 2,
      test: async ({ student, random, expectClose }) => {
        const { map, box } = drawn(random, random.uniform);
        expectClose(await student.call("myShare", [map, { ...box }]), share(map, box), {
          tolerance: 1e-6,
          says: "the share differs",
        });
      },
    },
    {
      name: "negative values, and a map of zeros",
      points: 1,
      test: async ({ student, random, expectClose }) => {
        const { map, box } = drawn(random, random.normal),
          empty = map.map((row) => row.map(() => 0));
        expectClose(await student.call("myShare", [map, { ...box }]), share(map, box), {
          tolerance: 1e-6,
          says: "with negative values the share differs",
        });
        expectClose(await student.call("myShare", [empty, { ...box }]), 0, {
          says: "the share of a map of zeros differs",
        });
      },
    },
  ],
  // Broken solutions: `npx vitrine sheet validate` shows that the parts above catch each of them.
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `import { energyPointingGame } from "vitrine";
async function myShare(map: number[][], box: Box) {
  return (await energyPointingGame(tf.tensor4d([map.map((row) => row.map((value) => [value]))]), box))[0];
}`,
    },
    {
      name: "rows and columns exchanged",
      losesAtLeast: 2,
      code: broken("map.slice(left, right).map((row) => row.slice(top, bottom))"),
    },
    {
      name: "one row and column too many",
      losesAtLeast: 2,
      code: broken("map.slice(top, bottom + 1).map((row) => row.slice(left, right + 1))"),
    },
    {
      name: "negative values count",
      losesAtLeast: 1,
      code: broken("map.slice(top, bottom).map((row) => row.slice(left, right))"),
    },
  ],
});

function broken(inside: string): string {
  return `function myShare(map: number[][], { top, left, bottom, right }: Box): number {
  const sum = (rows: number[][]) => rows.flat().reduce((total, value) => total + value, 0);
  return sum(${inside}) / (sum(map) || 1);
}`;
}
