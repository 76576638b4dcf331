// What a person writes who comes from TensorFlow.js's documentation, without a cast. That it compiles is the test;
// `signatures.test.ts` compiles it. Results are as narrow as TypeScript can know.
import * as tfjs from "@tensorflow/tfjs";
import {
  attributionStrip,
  fromLayersModel,
  imageGrid,
  inputXGradient,
  maxAbs,
  saliency,
  tf,
  type ChannelReduction,
  type VisionModel,
} from "../../../lib";

/** Ours is assignable to theirs: what takes TensorFlow.js takes it, and no call that compiled stops compiling. */
export const theirs: typeof tfjs = tf;

export function gradients(model: VisionModel, images: tf.Tensor4D, unknown: tf.Tensor): tf.Tensor4D[] {
  const whole = tf.grad((x) => tf.sum(model.logits(x)))(images);
  const ranked = tf.grad((x: tf.Tensor4D) => tf.sum(model.logits(x)))(images);
  const chosen = tf.grad((x) => model.logits(x).slice([0, 1], [-1, 1]).sum())(images);
  const [first, second] = tf.grads((x: tf.Tensor4D, y: tf.Tensor3D) => tf.sum(tf.mul(x, y)))([
    images,
    tf.ones([2, 2, 3]),
  ]);
  const [a, b] = tf.grads((x, y) => tf.sum(tf.mul(x, y)))([images, tf.scalar(2)]);
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor4D) => tf.sum(model.logits(x)))(images);
  const { grads } = tf.valueAndGrads((x: tf.Tensor4D) => tf.sum(x))([images]);
  const ofNumbers: tf.Tensor = tf.grad((x) => tf.sum(x))([1, 2]);
  const byColumn: tf.Tensor3D = second,
    byNumber: tf.Scalar = b;
  tf.dispose([value, byColumn, byNumber, ofNumbers, tf.grad((x) => tf.sum(x))(unknown)]);
  return [whole, ranked, chosen, first, a, grad, grads[0]];
}

export function ranksAreKept(t: tf.Tensor4D, unknown: tf.Tensor): tf.Tensor4D[] {
  const strongest = tf.abs(tf.max(t, 3, true)),
    mean = tf.mean(t, [1, 2], true);
  const sums = [tf.add(t, 1), tf.mul(2, t), tf.div(t, mean), tf.sub(t, tf.ones([3])), tf.minimum(1, t), tf.pow(t, 2)];
  const same = [
    tf.sqrt(t),
    tf.clipByValue(t, 0, 1),
    tf.gather(t, [0]),
    tf.slice(t, [0], [1]),
    tf.transpose(t, [0, 2, 1, 3]),
  ];
  const joined = [tf.concat([t, t]), tf.concat([t, t], 2), ...tf.split(t, 2, 3), tf.tile(t, [2, 1, 1, 1])];
  const made = [
    tf.zeros([1, 2, 2, 3]),
    tf.fill([1, 2, 2, 3], 0.5),
    tf.randomNormal([1, 2, 2, 3], 0, 1, "float32", 7),
    tf.tensor([1, 2], [1, 1, 1, 2]),
    tf.reshape(unknown, [1, 2, 2, 3]),
    tf.buffer([1, 2, 2, 3]).toTensor(),
    tf.zeros(t.shape),
    tf.zerosLike(t),
  ];
  const single = tf.squeeze<tf.Tensor3D>(t, [0]),
    batches = [tf.expandDims(single, 0), tf.stack([single, single])];
  const pooled = tf.avgPool(t, 2, 2, "same"),
    chosen = tf.where(tf.greater(t, 0), t, tf.zerosLike(t));
  return [strongest, mean, ...sums, ...same, ...joined, ...made, ...batches, pooled, chosen];
}

/** Where TypeScript cannot know, what is asked for is believed: TensorFlow.js's own types do so, in fewer places. */
export function ranksMayBeSaid(unknown: tf.Tensor): tf.Tensor4D[] {
  const sum: tf.Tensor4D = tf.add(unknown, unknown),
    root: tf.Tensor4D = tf.sqrt(unknown);
  const tidied: tf.Tensor4D = tf.tidy(() => {
    const doubled = tf.mul(unknown, 2);
    return tf.abs(doubled);
  });
  const explicit = tf.add<tf.Tensor4D>(unknown, 1);
  const pooled: tf.Tensor4D = tf.maxPool(unknown, 2, 2, "valid");
  const filtered: tf.Tensor4D = tf.conv2d(unknown, unknown, 1, "same");
  return [sum, root, tidied, explicit, pooled, filtered];
}

export function tidied(t: tf.Tensor4D, unknown: tf.Tensor): void {
  const parts: { doubled: tf.Tensor4D; logits: tf.Tensor } = tf.tidy(() => ({
    doubled: tf.mul(t, 2),
    logits: unknown,
  }));
  const pair: [tf.Tensor4D, tf.Tensor] = tf.tidy(() => [t, unknown]);
  const count: number = tf.tidy(() => t.size);
  const named: tf.Tensor4D = tf.tidy("name", () => tf.neg(t));
  tf.tidy(() => t.print());
  console.log(parts, pair, count, named);
}

/** The library takes what comes out of TensorFlow.js, whose rank is often not known. */
export async function library(model: VisionModel, unknown: tf.Tensor): Promise<void> {
  const logits: tf.Tensor2D = model.logits(unknown),
    chances: tf.Tensor2D = model.probabilities(unknown);
  const map: tf.Tensor4D = (await saliency(model, unknown)).values;
  const reduced: tf.Tensor4D = maxAbs(unknown);
  const own: ChannelReduction = (values) => tf.max(tf.abs(values), 3, true);
  const ownOfAll: ChannelReduction = (values: tf.Tensor) => tf.max(values, 3, true);
  await model.predict(unknown);
  await inputXGradient(model, unknown);
  imageGrid(unknown);
  attributionStrip(unknown, { map, unknown });
  fromLayersModel(tf.sequential(), { preprocess: (images) => tf.sub(images, 0.5) });
  console.log(logits, chances, reduced, own, ownOfAll);
}

export function mistakes(t: tf.Tensor4D): void {
  // @ts-expect-error A tensor of rank 4 is none of rank 2.
  const flat: tf.Tensor2D = tf.abs(t);
  // @ts-expect-error It has no such axis.
  tf.reshape(t, ["a"]);
  // @ts-expect-error What is async ends after tidy.
  tf.tidy(async () => t);
  // @ts-expect-error A number is no tensor.
  const tensor: tf.Tensor = tf.tidy(() => 3);
  // @ts-expect-error A tensor is no number.
  const number: number = tf.tidy(() => t);
  // @ts-expect-error A function of rank 4 is not differentiated at a vector.
  tf.grad((x: tf.Tensor4D) => tf.sum(x))(tf.tensor1d([1]));
  // @ts-expect-error Both are asked for.
  tf.add(t);
  console.log(flat, tensor, number);
}
