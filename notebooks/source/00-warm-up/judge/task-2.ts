import { defineTask, randomPictures, randomSeed, smallNetwork, smallNetworkSpec, type Random } from "vitrine/judge";

/** Rows and columns differ in number, so that exchanging them shows. */
const shape = [8, 9, 1] as const,
  classes = 10;

interface Place {
  row: number;
  column: number;
  target: number;
  expected: number;
}

/**
 * Of some places off the diagonal, the one where the score changes most: of a change near 0 only rounding would be
 * compared.
 */
function telling(random: Random, expected: (row: number, column: number, target: number) => number): Place {
  const places = Array.from({ length: 20 }, () => ({
    row: random.integer(shape[0]),
    column: random.integer(shape[0]),
    target: random.integer(classes),
  }))
    .filter(({ row, column }) => row !== column)
    .map((place) => ({ ...place, expected: expected(place.row, place.column, place.target) }));
  return places.reduce((most, place) => (Math.abs(place.expected) > Math.abs(most.expected) ? place : most));
}

const solution = (body: string): string => `function myFiniteDifference(
  logits: (x: tf.Tensor) => tf.Tensor2D, image: tf.Tensor4D, row: number, column: number, target: number, h: number,
): number {
  const at = (by: number) => (logits(nudged(image, row, column, by)).arraySync() as number[][])[0];
  ${body}
}`;

export default defineTask({
  task: "task-2",
  points: "check-2",
  functions: ["myFiniteDifference"],
  teaches: [],
  parts: [
    {
      name: "a linear network, whose derivative is a weight",
      points: 1,
      test: async ({ student, random, expectClose }) => {
        const pixels = shape[0] * shape[1],
          weights = Float32Array.from({ length: pixels * classes }, () => random.normal());
        const bias = Float32Array.from({ length: classes }, () => random.normal());
        const logits = student.logits(student.network({ shape, layers: [{ units: classes, weights, bias }] }));
        const { row, column, target, expected } = telling(
          random,
          (y, x, c) => weights[(y * shape[1] + x) * classes + c],
        );
        const [picture] = randomPictures(random, 1, shape);
        const answer = await student.call("myFiniteDifference", [
          logits,
          student.tensor([1, ...shape], picture),
          row,
          column,
          target,
          0.25,
        ]);
        expectClose(answer, expected, { tolerance: 1e-3, says: "the central difference of a linear network's logit" });
      },
    },
    {
      name: "a network that bends, with a large step",
      points: 2,
      test: async ({ student, random, expectClose }) => {
        const network = smallNetwork(randomSeed(random), shape),
          [picture] = randomPictures(random, 1, shape),
          h = 1.5;
        const score = (row: number, column: number, target: number, by: number): number =>
          network.logits(picture.map((value, at) => (at === row * shape[1] + column ? value + by : value)))[target];
        const { row, column, target, expected } = telling(
          random,
          (y, x, c) => (score(y, x, c, h) - score(y, x, c, -h)) / (2 * h),
        );
        const answer = await student.call("myFiniteDifference", [
          student.logits(student.network(smallNetworkSpec(network.weights))),
          student.tensor([1, ...shape], picture),
          row,
          column,
          target,
          h,
        ]);
        expectClose(answer, expected, { tolerance: 1e-3, says: "the central difference of a network's logit" });
      },
    },
  ],
  mutants: [
    { name: "one side only", losesAtLeast: 2, code: solution("return (at(h)[target] - at(0)[target]) / h;") },
    { name: "h for 2h", losesAtLeast: 3, code: solution("return (at(h)[target] - at(-h)[target]) / h;") },
    {
      name: "the opposite sign",
      losesAtLeast: 3,
      code: solution("return (at(-h)[target] - at(h)[target]) / (2 * h);"),
    },
    {
      name: "a step of its own",
      losesAtLeast: 2,
      code: solution("return (at(0.01)[target] - at(-0.01)[target]) / 0.02;"),
    },
    {
      name: "the largest logit for the one asked for",
      losesAtLeast: 2,
      code: solution("return (Math.max(...at(h)) - Math.max(...at(-h))) / (2 * h);"),
    },
    {
      name: "rows and columns exchanged",
      losesAtLeast: 3,
      code: `function myFiniteDifference(
  logits: (x: tf.Tensor) => tf.Tensor2D, image: tf.Tensor4D, row: number, column: number, target: number, h: number,
): number {
  const at = (by: number) => (logits(nudged(image, column, row, by)).arraySync() as number[][])[0];
  return (at(h)[target] - at(-h)[target]) / (2 * h);
}`,
    },
    {
      name: "tf.grad in place of the difference",
      losesAtLeast: 2,
      code: `function myFiniteDifference(
  logits: (x: tf.Tensor) => tf.Tensor2D, image: tf.Tensor4D, row: number, column: number, target: number, h: number,
): number {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(logits(x).slice([0, target], [1, 1])))(image);
  return (gradient.arraySync() as number[][][][])[0][row][column][0];
}`,
    },
  ],
});
