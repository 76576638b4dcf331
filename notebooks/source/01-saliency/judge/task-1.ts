import { colourShape } from "vitrine-course/dist/checks/pictures";
import { saliencyMaps, saliencyMistakes } from "vitrine-course/dist/checks/saliency";
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

const [height, width] = colourShape;

async function compare(student: Student, random: Random, count: number): Promise<void> {
  const network = smallNetwork(randomSeed(random), colourShape),
    pictures = randomPictures(random, count, colourShape);
  const target = askedClasses(
    pictures.map((picture) => largest(network.logits(picture))),
    10,
  );
  const answer = await student.call("mySaliency", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor([count, ...colourShape], pictures.flat()),
    target,
  ]);
  expectMaps(mapsOf(answer, [count, height, width, 1], "one"), saliencyMaps(network, pictures, target), () =>
    saliencyMistakes(network, pictures, target),
  );
}

const solution = (
  score: string,
  map: string,
): string => `function mySaliency(model: VisionModel, images: tf.Tensor4D, target: number[]): tf.Tensor4D {
  return tf.tidy(() => {
    const asked = tf.oneHot(tf.tensor1d(target, "int32"), model.classNames.length);
    const g = tf.grad((x: tf.Tensor) => ${score})(images);
    return ${map};
  });
}`;
const logit = "tf.sum(tf.mul(model.logits(x), asked))",
  strongest = "tf.max(tf.abs(g), 3, true)";

export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["mySaliency"],
  teaches: [
    "saliency",
    "smoothGrad",
    "integratedGradients",
    "inputXGradient",
    "guidedBackprop",
    "deconvolution",
    "occludedInputXGradient",
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
      code: `async function mySaliency(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  return maxAbs((await saliency(model, images, { target })).values);
}`,
    },
    {
      name: "one noisy copy without noise",
      losesAtLeast: 3,
      code: `async function mySaliency(model: VisionModel, images: tf.Tensor4D, target: number[]) {
  return maxAbs((await smoothGrad(model, images, { target, samples: 1, sigma: 0 })).values);
}`,
    },
    { name: "the sign first", losesAtLeast: 3, code: solution(logit, "tf.max(g, 3, true)") },
    { name: "the sum of the colours", losesAtLeast: 3, code: solution(logit, "tf.sum(tf.abs(g), 3, true)") },
    {
      name: "the probability",
      losesAtLeast: 3,
      code: solution("tf.sum(tf.mul(tf.softmax(model.logits(x)), asked))", strongest),
    },
    {
      name: "the first picture's class for all",
      losesAtLeast: 2,
      code: solution("tf.sum(model.logits(x).slice([0, target[0]], [-1, 1]))", strongest),
    },
    {
      name: "the largest value made 1",
      losesAtLeast: 3,
      code: solution(logit, "tf.div(tf.max(tf.abs(g), 3, true), tf.max(tf.abs(g)))"),
    },
  ],
});
