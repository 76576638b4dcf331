import { normedStep } from "vitrine-course/dist/checks/gradient-step";
import { defineTask } from "vitrine/judge";
import { compareStep, stepSolution } from "./gradient-steps";

const name = "myNormedGradient";
const along = (length: string): string => `tf.clipByValue(tf.add(images, tf.mul(tf.div(g, ${length}), size)), 0, 1)`;
const own = "tf.sqrt(tf.sum(tf.square(g), [1, 2, 3], true))";

export default defineTask({
  task: "task-3",
  points: "check-3",
  functions: [name],
  teaches: ["normedGradient", "fgsm", "pgd", "fooling", "deepFool", "carliniWagner", "attackMethods"],
  parts: [
    {
      name: "one picture",
      points: 1,
      test: ({ student, random }) => compareStep(student, random, name, normedStep, 1, 0.7),
    },
    {
      name: "three pictures, each with a step of that length",
      points: 1,
      test: ({ student, random }) => compareStep(student, random, name, normedStep, 3, 1.1),
    },
    {
      name: "a long step stays within [0, 1]",
      points: 1,
      test: ({ student, random }) => compareStep(student, random, name, normedStep, 2, 6, "With length 6: "),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function myNormedGradient(model: VisionModel, images: tf.Tensor4D, labels: number[],
        length: number) {
  return ((await normedGradient(model, images, { labels, epsilon: length } as never)) as unknown as {
    clipped: tf.Tensor4D }).clipped;
}`,
    },
    {
      name: "the length of the whole batch",
      losesAtLeast: 2,
      code: stepSolution(name, along("tf.sqrt(tf.sum(tf.square(g)))")),
    },
    {
      name: "the largest value",
      losesAtLeast: 3,
      code: stepSolution(name, along("tf.max(tf.abs(g), [1, 2, 3], true)")),
    },
    {
      name: "the sum of squares without its root",
      losesAtLeast: 3,
      code: stepSolution(name, along("tf.sum(tf.square(g), [1, 2, 3], true)")),
    },
    {
      name: "the mean of squares",
      losesAtLeast: 3,
      code: stepSolution(name, along("tf.sqrt(tf.mean(tf.square(g), [1, 2, 3], true))")),
    },
    { name: "not cut", losesAtLeast: 3, code: stepSolution(name, `tf.add(images, tf.mul(tf.div(g, ${own}), size))`) },
    {
      name: "the sign, as in the task before",
      losesAtLeast: 3,
      code: stepSolution(name, "tf.clipByValue(tf.add(images, tf.mul(tf.sign(g), size)), 0, 1)"),
    },
  ],
});
