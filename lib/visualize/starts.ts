import * as tf from "@tensorflow/tfjs";

/**
 * Random starts that do not depend on an image's place among others: the first image of every target begins with start
 * 0,
 * a second one of the same target with start 1, and so on. An image comes out the same alone and beside others, and who
 * asks for a target several times sees several images of it.
 * @param targets one for each image, equal where the targets are
 * @param start makes starts 0 … count − 1, of which each is the same whatever `count` is
 */
export function startsFor(targets: readonly unknown[], start: (count: number) => tf.Tensor4D): tf.Tensor4D {
  const seen = new Map<unknown, number>();
  const numbers = targets.map((target) => {
    const number = seen.get(target) ?? 0;
    seen.set(target, number + 1);
    return number;
  });
  const count = Math.max(...numbers) + 1;
  if (count === targets.length) return start(count);
  return tf.tidy(() => tf.gather(start(count), tf.tensor1d(numbers, "int32")));
}
