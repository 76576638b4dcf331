import { signStep } from "vitrine-course/dist/checks/gradient-step";
import { defineTask } from "vitrine/judge";
import { compareStep, stepSolution } from "./gradient-steps";

const name = "myFgsm",
  right = "tf.clipByValue(tf.add(images, tf.mul(tf.sign(g), size)), 0, 1)";

export default defineTask({
  task: "task-2",
  points: "check-2",
  functions: [name],
  teaches: ["fgsm", "pgd", "normedGradient", "fooling", "deepFool", "carliniWagner", "attackMethods"],
  parts: [
    {
      name: "one picture",
      points: 1,
      test: ({ student, random }) => compareStep(student, random, name, signStep, 1, 0.04),
    },
    {
      name: "three pictures, each with its own label",
      points: 1,
      test: ({ student, random }) => compareStep(student, random, name, signStep, 3, 0.08),
    },
    {
      name: "a large step stays within [0, 1]",
      points: 1,
      test: ({ student, random }) => compareStep(student, random, name, signStep, 2, 0.6, "With epsilon 0.6: "),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function myFgsm(model: VisionModel, images: tf.Tensor4D, labels: number[], epsilon: number) {
  return ((await fgsm(model, images, { labels, epsilon } as never)) as unknown as { clipped: tf.Tensor4D }).clipped;
}`,
    },
    {
      name: "one step of another attack",
      losesAtLeast: 3,
      code: `async function myFgsm(model: VisionModel, images: tf.Tensor4D, labels: number[], epsilon: number) {
  return ((await pgd(model, images,
    { labels, epsilon, steps: 1, stepSize: epsilon, randomStart: false } as never)) as unknown as {
    clipped: tf.Tensor4D }).clipped;
}`,
    },
    {
      name: "the gradient without its sign",
      losesAtLeast: 3,
      code: stepSolution(name, "tf.clipByValue(tf.add(images, tf.mul(g, size)), 0, 1)"),
    },
    {
      name: "down the loss",
      losesAtLeast: 3,
      code: stepSolution(name, "tf.clipByValue(tf.sub(images, tf.mul(tf.sign(g), size)), 0, 1)"),
    },
    { name: "not cut", losesAtLeast: 3, code: stepSolution(name, "tf.add(images, tf.mul(tf.sign(g), size))") },
    {
      name: "the logit lowered, without softmax",
      losesAtLeast: 3,
      code: stepSolution(name, right, "tf.neg(tf.sum(tf.mul(model.logits(x), own)))"),
    },
    {
      name: "the first label for all",
      losesAtLeast: 2,
      code: stepSolution(name, right, "tf.neg(tf.sum(tf.logSoftmax(model.logits(x)).slice([0, labels[0]], [-1, 1])))"),
    },
  ],
});
