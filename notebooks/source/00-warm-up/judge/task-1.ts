import { defineTask, type Random, type Student, type PartTools } from "vitrine/judge";

/** Compares with the mean taken value by value. */
async function compare(
  { student, random, expectClose }: { student: Student; random: Random; expectClose: PartTools["expectClose"] },
  count: number,
  image: readonly [number, number, number],
): Promise<void> {
  const size = image[0] * image[1] * image[2],
    values = Array.from({ length: count * size }, () => random.uniform());
  const mean = Array.from({ length: size }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[i * size + at];
    return sum / count;
  });
  const answer = await student.call("myMeanImage", [student.tensor([count, ...image], values)]);
  expectClose(answer, { shape: [1, ...image], data: mean }, { tolerance: 1e-5, says: "the mean image differs" });
}

const solution = (body: string): string => `function myMeanImage(images: tf.Tensor4D): tf.Tensor4D { return ${body}; }`;

export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["myMeanImage"],
  // Nothing of the library takes the mean of images.
  teaches: [],
  parts: [
    { name: "grey images", points: 1, test: (tools) => compare(tools, 5, [7, 9, 1]) },
    // More than anybody would write down one by one.
    {
      name: "many colour images",
      points: 1,
      test: (tools) => compare(tools, 101 + tools.random.integer(100), [6, 4, 3]),
    },
  ],
  mutants: [
    { name: "the sum", losesAtLeast: 2, code: solution("tf.sum(images, 0, true)") },
    { name: "the axis is lost", losesAtLeast: 2, code: solution("tf.mean(images, 0)") },
    {
      name: "the mean of all values, everywhere",
      losesAtLeast: 2,
      code: solution("tf.mul(tf.onesLike(images.slice([0], [1])), tf.mean(images))"),
    },
    { name: "colours are averaged too", losesAtLeast: 1, code: solution("tf.mean(images, [0, 3], true)") },
    {
      name: "of the first eight images only",
      losesAtLeast: 1,
      code: solution("tf.mean(images.slice([0], [Math.min(8, images.shape[0])]), 0, true)"),
    },
    {
      name: "of a hundred images at the most",
      losesAtLeast: 1,
      code: solution("tf.mean(images.slice([0], [Math.min(100, images.shape[0])]), 0, true)"),
    },
    { name: "always divided by 5", losesAtLeast: 1, code: solution("tf.div(tf.sum(images, 0, true), 5)") },
  ],
});
