import * as tf from "@tensorflow/tfjs";
import { random } from "../../lib/core/random";
import type { LabelledPixels } from "../../lib/training/recording/training-data";

const batch = 500,
  halvings = 6;

/**
 * Images just beyond the boundary of a network: each training picture goes along the sign of its loss's gradient to
 * where the prediction changes (by halving), and a tenth farther; where nothing changes up to `epsilon`, to `epsilon`.
 * Labels stay.
 * @param epsilon the farthest, in values of [0, 1]
 */
export async function nearBoundary(
  model: tf.LayersModel,
  { pixels, labels, shape }: LabelledPixels,
  epsilon: number,
): Promise<Float32Array> {
  const size = shape.reduce((a, b) => a * b),
    made = new Float32Array(pixels.length);
  const logits = tf.model({ inputs: model.inputs, outputs: model.getLayer("logits").output as tf.SymbolicTensor });
  for (let first = 0; first < labels.length; first += batch) {
    const count = Math.min(batch, labels.length - first);
    const images = tf.tidy(() => {
      const x = tf.tensor4d(pixels.subarray(first * size, (first + count) * size), [count, ...shape]);
      const own = tf.tensor1d(Array.from(labels).slice(first, first + count), "int32");
      const loss = (input: tf.Tensor): tf.Scalar =>
        tf.losses.softmaxCrossEntropy(
          tf.oneHot(own, 10),
          logits.apply(input) as tf.Tensor2D,
          undefined,
          undefined,
          tf.Reduction.SUM,
        ) as tf.Scalar;
      const direction = tf.sign(tf.grad(loss)(x));
      const along = (t: tf.Tensor): tf.Tensor4D =>
        tf.clipByValue(tf.add(x, tf.mul(direction, tf.reshape(t, [count, 1, 1, 1]))), 0, 1) as tf.Tensor4D;
      const crossed = (t: tf.Tensor): tf.Tensor =>
        tf.notEqual(tf.argMax(logits.apply(along(t)) as tf.Tensor2D, 1), own);
      let near: tf.Tensor = tf.zeros([count]),
        far: tf.Tensor = tf.fill([count], epsilon);
      for (let i = 0; i < halvings; i++) {
        const middle = tf.mul(tf.add(near, far), 0.5),
          beyond = crossed(middle);
        far = tf.where(beyond, middle, far);
        near = tf.where(beyond, near, middle);
      }
      return along(tf.minimum(tf.mul(far, 1.1), epsilon));
    });
    made.set(await images.data<"float32">(), first * size);
    images.dispose();
  }
  return made;
}

/** The control: the same pictures, each value moved by up to `epsilon`, up or down by chance. */
export function besideNoise({ pixels }: LabelledPixels, epsilon: number, seed: number): Float32Array {
  const chance = random(seed, 77);
  return pixels.map((value) => Math.min(1, Math.max(0, value + (chance.integer(2) ? epsilon : -epsilon))));
}
