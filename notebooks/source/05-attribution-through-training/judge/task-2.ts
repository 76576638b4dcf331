import { rightIntegral, trainingMistakes } from "vitrine-course/dist/checks/integral-over-training-mistakes";
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

async function compare(student: Student, random: Random, moments: number, count: number): Promise<void> {
  const networks = Array.from({ length: moments }, () => smallNetwork(randomSeed(random), shape)),
    pictures = randomPictures(random, count, shape);
  const target = askedClasses(
    pictures.map((picture) => largest(networks[moments - 1].logits(picture))),
    10,
  );
  const training = student.training(networks.map(({ weights }) => student.network(smallNetworkSpec(weights))));
  const answer = await student.call("myIntegralOverTraining", [
    training,
    student.tensor([count, ...shape], pictures.flat()),
    target,
  ]);
  expectMaps(mapsOf(answer, [count, ...shape]), rightIntegral(networks, pictures, target), () =>
    trainingMistakes(networks, pictures, target),
  );
}

const solution = (loop: string, end = "return sum;"): string => `async function myIntegralOverTraining(
  moments: AsyncIterable<VisionModel> | Iterable<VisionModel>, images: tf.Tensor4D, target: number[],
): Promise<tf.Tensor4D> {
  const asked = tf.oneHot(tf.tensor1d(target, "int32"), 10);
  const gradient = (model: VisionModel) =>
    tf.grad((x: tf.Tensor) => tf.sum(tf.mul(model.logits(x), asked)))(images);
  let sum = tf.zerosLike(images), count = 0;
  ${loop}
  ${end}
}`;
const each = (body: string): string => `for await (const model of moments) { count++; ${body} }`;

export default defineTask({
  task: "task-2",
  points: "check-2",
  functions: ["myIntegralOverTraining"],
  teaches: [
    "integrateOverTraining",
    "recordTraining",
    "openRecording",
    "saliency",
    "inputXGradient",
    "integratedGradients",
    "smoothGrad",
    "guidedBackprop",
    "deconvolution",
    "occludedInputXGradient",
    "attributionMethods",
  ],
  parts: [
    { name: "one moment, one picture", points: 1, test: ({ student, random }) => compare(student, random, 1, 1) },
    { name: "five moments, two pictures", points: 3, test: ({ student, random }) => compare(student, random, 5, 2) },
  ],
  mutants: [
    {
      name: "calls the library's gradient",
      losesAtLeast: 4,
      code: solution(each("sum = tf.add(sum, (await saliency(model, images, { target })).values);")),
    },
    {
      name: "the mean over the moments",
      losesAtLeast: 3,
      code: solution(each("sum = tf.add(sum, gradient(model));"), "return tf.div(sum, count);"),
    },
    {
      name: "takes all gradients in the end",
      losesAtLeast: 3,
      code: solution(`const all: VisionModel[] = [];
  ${each("all.push(model);")}
  for (const model of all) sum = tf.add(sum, gradient(model));`),
    },
    { name: "the last moment alone", losesAtLeast: 3, code: solution(each("sum = gradient(model);")) },
    { name: "returns within the loop", losesAtLeast: 3, code: solution(each("return gradient(model);")) },
    {
      name: "leaves the first moment out",
      losesAtLeast: 4,
      code: solution(each("if (count > 1) sum = tf.add(sum, gradient(model));")),
    },
    {
      name: "times the image",
      losesAtLeast: 4,
      code: solution(each("sum = tf.add(sum, tf.mul(images, gradient(model)));")),
    },
    { name: "absolute values", losesAtLeast: 4, code: solution(each("sum = tf.add(sum, tf.abs(gradient(model)));")) },
  ],
});
