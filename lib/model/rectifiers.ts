// Rectifiers that TensorFlow.js's layers write as several ops, made one op again.
import * as tf from "@tensorflow/tfjs";

type Calls = { call(inputs: tf.Tensor | tf.Tensor[], kwargs: unknown): tf.Tensor | tf.Tensor[] };
type Activation = { apply(x: tf.Tensor): tf.Tensor; constructor: { className?: string } };
type Inside = Calls & { activation?: Activation; maxValue?: number; theta?: number };

/**
 * Guided backprop and deconvolution change what passes back through a rectifier, and know it by its op. Layers compute
 * ReLU6 as `minimum(6, relu(x))`, a ReLU with a maximum as `clip(relu(x))` and a thresholded one as a product: the
 * second
 * op would mask by the forward value whatever the rule says. Here each becomes one rectifier, with the same values and,
 * but for the very points where it bends, the same derivative.
 */
export function asOneRectifier(layer: tf.layers.Layer): void {
  const { activation, maxValue, theta } = layer as unknown as Inside;
  if (activation?.constructor.className === "relu6") activation.apply = (x) => tf.relu6(x);
  const kind = layer.getClassName();
  if (kind === "ReLU" && typeof maxValue === "number") rectifyBy(layer, (x) => cappedRelu(x, maxValue));
  const thresholded = kind === "ThresholdedReLU" && typeof theta === "number" && theta >= 0;
  if (thresholded) rectifyBy(layer, (x) => thresholdedRelu(x, theta));
}

/** What a layer is that lets something pass below 0 although its kind does not say so. */
export function leakyBy(layer: tf.layers.Layer): string | undefined {
  const { theta } = layer as unknown as Inside;
  if (layer.getClassName() !== "ThresholdedReLU" || theta === undefined || theta >= 0) return undefined;
  return `ThresholdedReLU with a threshold of ${theta}`;
}

function rectifyBy(layer: tf.layers.Layer, rectify: (x: tf.Tensor) => tf.Tensor): void {
  (layer as unknown as Calls).call = (inputs) => tf.tidy(() => rectify(Array.isArray(inputs) ? inputs[0] : inputs));
}

/** min(max(x, 0), most): ReLU6 at another scale. */
function cappedRelu(x: tf.Tensor, most: number): tf.Tensor {
  if (most === 6) return tf.relu6(x);
  return most > 0 ? tf.mul(tf.relu6(tf.mul(x, 6 / most)), most / 6) : tf.clipByValue(tf.relu(x), 0, most);
}

/** x above theta, else 0; theta ≥ 0. */
const thresholdedRelu = (x: tf.Tensor, theta: number): tf.Tensor =>
  theta === 0 ? tf.relu(x) : tf.add(tf.relu(tf.sub(x, theta)), tf.mul(tf.step(tf.sub(x, theta)), theta));
