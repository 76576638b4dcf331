import { gradientMistakes } from "vitrine-course/dist/checks/gradient-mistakes";
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

async function compare(student: Student, random: Random, count: number): Promise<void> {
  const network = smallNetwork(randomSeed(random), shape),
    pictures = randomPictures(random, count, shape);
  const target = askedClasses(
    pictures.map((picture) => largest(network.logits(picture))),
    10,
  );
  const answer = await student.call("myGradient", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor([count, ...shape], pictures.flat()),
    target,
  ]);
  expectMaps(mapsOf(answer, [count, ...shape]), pictures.map(targetLogit(network, target)), () =>
    gradientMistakes(network, pictures, target),
  );
}

export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["myGradient"],
  teaches: [
    "saliency",
    "inputXGradient",
    "integratedGradients",
    "smoothGrad",
    "guidedBackprop",
    "deconvolution",
    "attributionMethods",
    "occludedInputXGradient",
  ],
  parts: [
    { name: "one image, alone", points: 1, test: ({ student, random }) => compare(student, random, 1) },
    {
      name: "three images, each with its own class",
      points: 2,
      test: ({ student, random }) => compare(student, random, 3),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
        return (await saliency(model, images, { target })).values; }`,
    },
    {
      name: "the probability's gradient",
      losesAtLeast: 3,
      code: `function myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  const asked = tf.oneHot(tf.tensor1d(target, "int32"), model.classNames.length);
  return tf.grad((x) => tf.sum(tf.mul(tf.softmax(model.logits(x)), asked)))(images);
}`,
    },
    {
      name: "the predicted class in place of the one asked for",
      losesAtLeast: 3,
      code: `function myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  const predicted = tf.oneHot(tf.argMax(model.logits(images), 1), model.classNames.length);
  return tf.grad((x) => tf.sum(tf.mul(model.logits(x), predicted)))(images);
}`,
    },
    {
      name: "the first image's class for all",
      losesAtLeast: 2,
      code: `function myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  return tf.grad((x) => tf.sum(model.logits(x).slice([0, target[0]], [-1, 1])))(images);
}`,
    },
    {
      name: "the mean over the batch",
      losesAtLeast: 2,
      code: `function myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  const asked = tf.oneHot(tf.tensor1d(target, "int32"), model.classNames.length);
  return tf.grad((x) => tf.mean(tf.sum(tf.mul(model.logits(x), asked), 1)))(images);
}`,
    },
    {
      name: "absolute values",
      losesAtLeast: 3,
      code: `function myGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  const asked = tf.oneHot(tf.tensor1d(target, "int32"), model.classNames.length);
  return tf.abs(tf.grad((x) => tf.sum(tf.mul(model.logits(x), asked)))(images));
}`,
    },
  ],
});
