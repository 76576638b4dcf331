import { inputXGradientMaps, inputXGradientMistakes } from "vitrine-course/dist/checks/input-x-gradient";
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
  type Random,
  type Student,
} from "vitrine/judge";

const shape = [10, 12, 3] as const;

async function compare(student: Student, random: Random, count: number): Promise<void> {
  const network = smallNetwork(randomSeed(random), shape),
    pictures = randomPictures(random, count, shape);
  const target = askedClasses(
    pictures.map((picture) => largest(network.logits(picture))),
    10,
  );
  const answer = await student.call("myInputXGradient", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor([count, ...shape], pictures.flat()),
    target,
  ]);
  expectMaps(mapsOf(answer, [count, ...shape]), inputXGradientMaps(network, pictures, target), () =>
    inputXGradientMistakes(network, pictures, target),
  );
}

const solution = (
  score: string,
  map: string,
): string => `function myInputXGradient(model: VisionModel, images: tf.Tensor4D, target: number[]): tf.Tensor4D {
  return tf.tidy(() => {
    const asked = tf.oneHot(tf.tensor1d(target, "int32"), model.classNames.length);
    const g = tf.grad((x: tf.Tensor) => ${score})(images);
    return ${map};
  });
}`;
const logit = "tf.sum(tf.mul(model.logits(x), asked))",
  product = "tf.mul(images, g)";

export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["myInputXGradient"],
  teaches: [
    "inputXGradient",
    "saliency",
    "integratedGradients",
    "smoothGrad",
    "guidedBackprop",
    "deconvolution",
    "occludedInputXGradient",
    "integrateOverTraining",
    "recordTraining",
    "attributionMethods",
  ],
  parts: [
    { name: "one picture, alone", points: 1, test: ({ student, random }) => compare(student, random, 1) },
    {
      name: "three pictures, each with its own class",
      points: 2,
      test: ({ student, random }) => compare(student, random, 3),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function myInputXGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  return (await inputXGradient(model, images, { target })).values;
}`,
    },
    {
      name: "the library's saliency times the image",
      losesAtLeast: 3,
      code: `async function myInputXGradient(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  return tf.mul(images, (await saliency(model, images, { target })).values);
}`,
    },
    { name: "the gradient alone", losesAtLeast: 3, code: solution(logit, "g") },
    { name: "absolute values", losesAtLeast: 3, code: solution(logit, "tf.abs(tf.mul(images, g))") },
    {
      name: "the probability",
      losesAtLeast: 3,
      code: solution("tf.sum(tf.mul(tf.softmax(model.logits(x)), asked))", product),
    },
    {
      name: "the first picture's class for all",
      losesAtLeast: 2,
      code: solution("tf.sum(model.logits(x).slice([0, target[0]], [-1, 1]))", product),
    },
    {
      name: "the mean over the batch",
      losesAtLeast: 2,
      code: solution("tf.mean(tf.sum(tf.mul(model.logits(x), asked), 1))", product),
    },
  ],
});
