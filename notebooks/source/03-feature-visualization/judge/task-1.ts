import type { AscentSettings } from "vitrine-course/dist/checks/ascent-reference";
import { ascentStepMistake } from "vitrine-course/dist/checks/ascent-step";
import { colourShape } from "vitrine-course/dist/checks/pictures";
import {
  AnswerWrong,
  askedClasses,
  defineTask,
  largest,
  mapsOf,
  randomPictures,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
  type Random,
  type Student,
} from "vitrine/judge";

async function compare(student: Student, random: Random, count: number, settings: AscentSettings): Promise<void> {
  const network = smallNetwork(randomSeed(random), colourShape),
    pictures = randomPictures(random, count, colourShape).map((values) => Array.from(Float32Array.from(values)));
  const target = askedClasses(
      pictures.map((picture) => largest(network.logits(picture))),
      10,
    ),
    whole = [count, ...colourShape];
  const logits = student.logits(student.network(smallNetworkSpec(network.weights)));
  const answer = await student.call("myStep", [
    logits,
    student.tensor(whole, pictures.flat()),
    target,
    { ...settings },
  ]);
  const words = ascentStepMistake(mapsOf(answer, whole), pictures, network, target, settings);
  if (words) throw new AnswerWrong(words);
}

const solution = (from: string, to: string): string =>
  `function myStep(logits: LogitsFunction, x: tf.Tensor4D, target: number[],
    { learningRate, l2 }: AscentSettings): tf.Tensor4D {
  return tf.tidy(() => {
    const height = (at: tf.Tensor) => {
      const scores = logits(at), asked = tf.oneHot(tf.tensor1d(target, "int32"), scores.shape[1]);
      return tf.sub(tf.sum(tf.mul(scores, asked)), tf.mul(l2, tf.sum(tf.square(at))));
    };
    const g = tf.grad(height)(x), norm = tf.sqrt(tf.sum(tf.square(g), [1, 2, 3], true));
    return tf.add(x, tf.mul(learningRate, tf.div(g, norm)));
  });
}`.replace(from, to);

export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["myStep"],
  teaches: [
    "classVisualization",
    "maximize",
    "regularizers",
    "objectives",
    "fooling",
    "normedGradient",
    "attackMethods",
  ],
  parts: [
    {
      name: "one image",
      points: 1,
      test: ({ student, random }) => compare(student, random, 1, { learningRate: 2, l2: 0.05 }),
    },
    {
      name: "three images, each with its own class and norm",
      points: 2,
      test: ({ student, random }) => compare(student, random, 3, { learningRate: 1.5, l2: 0.1 }),
    },
    {
      name: "a large λ",
      points: 1,
      test: ({ student, random }) => compare(student, random, 2, { learningRate: 0.6, l2: 0.7 }),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 4,
      code: `async function myStep(logits: LogitsFunction, x: tf.Tensor4D, target: number[],
        { learningRate, l2 }: AscentSettings) {
  const pretended = { logits, inputShape: x.shape.slice(1) } as unknown as VisionModel;
  return ((await maximize(pretended, objectives.logit(target[0]),
    { iterations: 1, learningRate, l2 } as object)) as unknown as { image: tf.Tensor4D }).image;
}`,
    },
    { name: "goes down", losesAtLeast: 4, code: solution("tf.add(x,", "tf.sub(x,") },
    { name: "no norm", losesAtLeast: 4, code: solution("tf.div(g, norm)", "g") },
    {
      name: "the norm of the whole batch",
      losesAtLeast: 3,
      code: solution("tf.sum(tf.square(g), [1, 2, 3], true)", "tf.sum(tf.square(g))"),
    },
    { name: "λ‖x‖² added", losesAtLeast: 4, code: solution("tf.sub(tf.sum", "tf.add(tf.sum") },
    { name: "half of λ‖x‖²", losesAtLeast: 4, code: solution("tf.mul(l2,", "tf.mul(l2 / 2,") },
    { name: "a mean of squares", losesAtLeast: 4, code: solution("tf.sum(tf.square(at))", "tf.mean(tf.square(at))") },
    {
      name: "the probability",
      losesAtLeast: 4,
      code: solution("tf.mul(scores, asked)", "tf.mul(tf.softmax(scores), asked)"),
    },
  ],
});
