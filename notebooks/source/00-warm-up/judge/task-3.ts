import { inputXGradientMaps, inputXGradientMistakes } from "vitrine-course/dist/checks/input-x-gradient";
import {
  defineTask,
  expectMaps,
  largest,
  mapsOf,
  randomPictures,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
} from "vitrine/judge";

const shape = [7, 9, 1] as const,
  classes = 10;

const solution = (
  score: string,
  map: string,
): string => `function myContributions(logits: (x: tf.Tensor) => tf.Tensor2D, image: tf.Tensor4D,
  target: number): tf.Tensor4D {
  const g = tf.grad((x: tf.Tensor) => ${score})(image);
  return ${map};
}`;
const logit = "tf.sum(logits(x).slice([0, target], [1, 1]))",
  product = "tf.mul(image, g)";

export default defineTask({
  task: "task-3",
  points: "check-3",
  functions: ["myContributions"],
  teaches: [
    "inputXGradient",
    "saliency",
    "integratedGradients",
    "smoothGrad",
    "guidedBackprop",
    "deconvolution",
    "occludedInputXGradient",
    "attributionMethods",
  ],
  parts: [
    {
      name: "a linear network: each weight times its pixel",
      points: 1,
      test: async ({ student, random, expectClose }) => {
        const [picture] = randomPictures(random, 1, shape),
          weights = Float32Array.from({ length: picture.length * classes }, () => random.normal()),
          target = random.integer(classes);
        const answer = await student.call("myContributions", [
          student.logits(student.network({ shape, layers: [{ units: classes, weights }] })),
          student.tensor([1, ...shape], picture),
          target,
        ]);
        expectClose(
          answer,
          { shape: [1, ...shape], data: picture.map((value, at) => value * weights[at * classes + target]) },
          { says: "for a linear network the contributions differ" },
        );
      },
    },
    {
      name: "a network that bends",
      points: 2,
      test: async ({ student, random }) => {
        const network = smallNetwork(randomSeed(random), shape),
          pictures = randomPictures(random, 1, shape);
        // Not the class that it predicts, which a slip would take.
        const target = [(largest(network.logits(pictures[0])) + 1 + random.integer(classes - 1)) % classes];
        const answer = await student.call("myContributions", [
          student.logits(student.network(smallNetworkSpec(network.weights))),
          student.tensor([1, ...shape], pictures[0]),
          target[0],
        ]);
        expectMaps(mapsOf(answer, [1, ...shape]), inputXGradientMaps(network, pictures, target), () =>
          inputXGradientMistakes(network, pictures, target),
        );
      },
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `import { inputXGradient } from "vitrine";
async function myContributions(logits: (x: tf.Tensor) => tf.Tensor2D, image: tf.Tensor4D, target: number) {
  return (await inputXGradient({ logits } as never, image, { target: [target] })).values;
}`,
    },
    { name: "the gradient alone", losesAtLeast: 3, code: solution(logit, "g") },
    { name: "the image alone", losesAtLeast: 3, code: solution(logit, "tf.clone(image)") },
    { name: "absolute values", losesAtLeast: 3, code: solution(logit, "tf.abs(tf.mul(image, g))") },
    {
      name: "the largest logit for the one asked for",
      losesAtLeast: 2,
      code: solution("tf.max(logits(x))", product),
    },
    { name: "the sum of all logits", losesAtLeast: 3, code: solution("tf.sum(logits(x))", product) },
    {
      name: "the probability",
      losesAtLeast: 3,
      code: solution("tf.sum(tf.softmax(logits(x)).slice([0, target], [1, 1]))", product),
    },
  ],
});
