import { colourShape } from "vitrine-course/dist/checks/pictures";
import { gradientStepMistake, type GradientStep } from "vitrine-course/dist/checks/gradient-step";
import {
  AnswerWrong,
  askedClasses,
  largest,
  mapsOf,
  randomPictures,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
  type Random,
  type Student,
} from "vitrine/judge";

/**
 * One step up the cross-entropy, as tasks 2 and 3 ask for it, on random pictures with labels that are not what is
 * predicted.
 */
export async function compareStep(
  student: Student,
  random: Random,
  name: string,
  kind: GradientStep,
  count: number,
  size: number,
  start = "",
): Promise<void> {
  const network = smallNetwork(randomSeed(random), colourShape),
    pictures = randomPictures(random, count, colourShape).map((values) => Array.from(Float32Array.from(values)));
  const labels = askedClasses(
      pictures.map((picture) => largest(network.logits(picture))),
      10,
    ),
    whole = [count, ...colourShape];
  const answer = await student.call(name, [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor(whole, pictures.flat()),
    labels,
    size,
  ]);
  const words = gradientStepMistake(mapsOf(answer, whole), kind, network, pictures, labels, size);
  if (words) throw new AnswerWrong(start + words);
}

/** A solution with one of its parts exchanged. @param changed an expression of x, g and size */
export const stepSolution = (
  name: string,
  changed: string,
  loss = "tf.neg(tf.sum(tf.mul(tf.logSoftmax(model.logits(x)), own)))",
): string =>
  `function ${name}(model: VisionModel, images: tf.Tensor4D, labels: number[], size: number): tf.Tensor4D {
  return tf.tidy(() => {
    const own = tf.oneHot(tf.tensor1d(labels, "int32"), model.classNames.length);
    const g = tf.grad((x: tf.Tensor) => ${loss})(images);
    return ${changed};
  });
}`;
