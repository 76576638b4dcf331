import { integratedGradientsMistakes, pathIntegral } from "vitrine-course/dist/checks/integrated-gradients-mistakes";
import {
  askedClasses,
  defineTask,
  expectMaps,
  largest,
  mapsOf,
  randomPictures,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
  targetLogit,
  type Random,
  type Student,
} from "vitrine/judge";

const shape = [28, 28, 1] as const;

async function compare(
  student: Student,
  random: Random,
  { count, steps, grey }: { count: number; steps: number; grey: number },
): Promise<void> {
  const network = smallNetwork(randomSeed(random), shape),
    pictures = randomPictures(random, count, shape);
  const baselines = pictures.map((picture) => picture.map(() => grey * random.uniform()));
  const target = askedClasses(
      pictures.map((picture) => largest(network.logits(picture))),
      10,
    ),
    whole = [count, ...shape];
  const answer = await student.call("myIntegratedGradients", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor(whole, pictures.flat()),
    target,
    student.tensor(whole, baselines.flat()),
    steps,
  ]);
  const right = pathIntegral(pictures, baselines, steps, { derivative: targetLogit(network, target) });
  expectMaps(mapsOf(answer, whole), right, () =>
    integratedGradientsMistakes(network, pictures, baselines, target, steps),
  );
}

const solution = (points: string, from: string, factor: string): string => `function myIntegratedGradients(
  model: VisionModel, images: tf.Tensor4D, target: number[], baseline: tf.Tensor4D, steps: number,
): tf.Tensor4D {
  return tf.tidy(() => {
    let sum: tf.Tensor = tf.zerosLike(images);
    for (let k = 1; k <= steps; k++) sum = tf.add(sum,
      myGradient(model, tf.add(${from}, tf.mul(tf.sub(images, ${from}), ${points})), target));
    return tf.mul(${factor}, tf.div(sum, steps));
  });
}`;

export default defineTask({
  task: "task-2",
  points: "check-2",
  functions: ["myIntegratedGradients"],
  teaches: ["integratedGradients", "attributionMethods"],
  parts: [
    {
      name: "the path from a black baseline",
      points: 1,
      test: ({ student, random }) => compare(student, random, { count: 1, steps: 5, grey: 0 }),
    },
    {
      name: "a baseline of random greys",
      points: 2,
      test: ({ student, random }) => compare(student, random, { count: 2, steps: 2, grey: 0.5 }),
    },
    {
      name: "another number of steps",
      points: 1,
      test: ({ student, random }) => compare(student, random, { count: 3, steps: 1, grey: 0.5 }),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 4,
      code: `async function myIntegratedGradients(model: VisionModel, images: tf.Tensor4D, target: number[],
        baseline: tf.Tensor4D, steps: number) {
  return (await integratedGradients(model, images, { target, baseline, steps })).values;
}`,
    },
    {
      name: "the right ends of the pieces",
      losesAtLeast: 4,
      code: solution("k / steps", "baseline", "tf.sub(images, baseline)"),
    },
    {
      name: "the baseline forgotten",
      losesAtLeast: 3,
      code: solution("(k - 0.5) / steps", "tf.zerosLike(baseline)", "images"),
    },
    { name: "the factor forgotten", losesAtLeast: 4, code: solution("(k - 0.5) / steps", "baseline", "tf.scalar(1)") },
    {
      name: "always five steps",
      losesAtLeast: 3,
      code: solution("(k - 0.5) / 5", "baseline", "tf.sub(images, baseline)")
        .replace("k <= steps", "k <= 5")
        .replace("tf.div(sum, steps)", "tf.div(sum, 5)"),
    },
  ],
});
