import * as tf from "@tensorflow/tfjs";

type Attributes = Record<string, unknown>;

interface Correction<A> {
  /** Name of the forward kernel whose gradient this is. */
  kernelName: string;
  inputsToSave?: string[];
  outputsToSave?: boolean[];
  /** Returns, for each input by name, a function that computes the gradient with respect to it. */
  gradFunc: (dy: tf.Tensor, saved: tf.Tensor[], attrs: A) => Record<string, () => tf.Tensor>;
}

/**
 * Puts `correction` in the place of TF.js's own gradient. Registering again is harmless, so that a second copy of
 * the library (compiled beside its sources, or reloaded) leaves the registry as it was.
 */
export function correct<A = Attributes>(correction: Correction<A>): void {
  if (tf.getGradient(correction.kernelName)) tf.unregisterGradient(correction.kernelName);
  tf.registerGradient(correction as unknown as tf.GradConfig);
}

/** Runs a kernel by name; recorded when gradients of gradients are asked for. */
export function runKernel(name: string, inputs: Record<string, tf.Tensor>, attrs: Attributes = {}): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attrs as never);
}
