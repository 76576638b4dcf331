import { colourShape } from "vitrine-course/dist/checks/pictures";
import { smoothGradMaps, smoothGradMistakes } from "vitrine-course/dist/checks/smooth-grad";
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

async function compare(student: Student, random: Random, count: number, samples: number): Promise<void> {
  const network = smallNetwork(randomSeed(random), colourShape),
    pictures = randomPictures(random, count, colourShape);
  // In single precision, as the student's function gets it.
  const noise = Array.from({ length: samples }, () =>
    Float32Array.from({ length: pictures[0].length }, () => 0.3 * random.normal()),
  );
  const target = askedClasses(
      pictures.map((picture) => largest(network.logits(picture))),
      10,
    ),
    whole = [count, ...colourShape];
  const answer = await student.call("mySmoothGrad", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor(whole, pictures.flat()),
    target,
    student.tensor(
      [samples, ...colourShape],
      noise.flatMap((each) => Array.from(each)),
    ),
  ]);
  expectMaps(mapsOf(answer, whole), smoothGradMaps(network, pictures, noise, target), () =>
    smoothGradMistakes(network, pictures, noise, target),
  );
}

const solution = ({
  copy = "tf.add(images, noise.slice([s], [1]))",
  samples = "noise.shape[0]",
  mean = "tf.div(sum, samples)",
  gradient = "gradient(copy)",
}): string => `function mySmoothGrad(model: VisionModel, images: tf.Tensor4D, target: number[],
  noise: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const samples = ${samples}, asked = tf.oneHot(tf.tensor1d(target, "int32"), model.classNames.length);
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(model.logits(x), asked)));
    let sum: tf.Tensor = tf.zerosLike(images);
    for (let s = 0; s < samples; s++) {
      const copy = ${copy};
      sum = tf.add(sum, ${gradient});
    }
    return ${mean};
  });
}`;

export default defineTask({
  task: "task-2",
  points: "check-2",
  functions: ["mySmoothGrad"],
  teaches: [
    "smoothGrad",
    "saliency",
    "integratedGradients",
    "inputXGradient",
    "guidedBackprop",
    "deconvolution",
    "occludedInputXGradient",
    "attributionMethods",
  ],
  parts: [
    { name: "one picture, five samples", points: 1, test: ({ student, random }) => compare(student, random, 1, 5) },
    { name: "one picture, one sample", points: 1, test: ({ student, random }) => compare(student, random, 1, 1) },
    {
      name: "three pictures, each with every sample",
      points: 1,
      test: ({ student, random }) => compare(student, random, 3, 3),
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 3,
      code: `async function mySmoothGrad(model: VisionModel, images: tf.Tensor4D, target: number[],
        noise: tf.Tensor4D) {
  return (await smoothGrad(model, images, { target, samples: noise.shape[0] })).values;
}`,
    },
    {
      name: "the library's gradient at each copy",
      losesAtLeast: 3,
      code: `async function mySmoothGrad(model: VisionModel, images: tf.Tensor4D, target: number[],
        noise: tf.Tensor4D) {
  const maps: tf.Tensor[] = [];
  for (let s = 0; s < noise.shape[0]; s++)
    maps.push((await saliency(model, tf.add(images, noise.slice([s], [1])), { target })).values);
  return tf.mean(tf.stack(maps), 0);
}`,
    },
    { name: "the noise forgotten", losesAtLeast: 3, code: solution({ copy: "images" }) },
    { name: "a sum in place of the mean", losesAtLeast: 2, code: solution({ mean: "sum" }) },
    { name: "the last sample missing", losesAtLeast: 3, code: solution({ samples: "noise.shape[0] - 1" }) },
    {
      name: "noisy pixels brought back to [0, 1]",
      losesAtLeast: 3,
      code: solution({ copy: "tf.clipByValue(tf.add(images, noise.slice([s], [1])), 0, 1)" }),
    },
    { name: "absolute values", losesAtLeast: 3, code: solution({ gradient: "tf.abs(gradient(copy))" }) },
    {
      name: "always the first sample",
      losesAtLeast: 2,
      code: solution({ copy: "tf.add(images, noise.slice([0], [1]))" }),
    },
  ],
});
