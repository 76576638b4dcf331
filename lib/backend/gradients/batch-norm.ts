import * as tf from "@tensorflow/tfjs";

type RunKernel = (
  name: string,
  inputs: Record<string, tf.Tensor | undefined>,
  attrs?: Record<string, unknown>,
) => unknown;

const wrapped = Symbol.for("vitrine.batchNorm");

/**
 * A batchNorm layer with `scale: false` or `center: false` leaves that input out, and TF.js's tape fails on the
 * hole ("Cannot read properties of undefined"). The hole is in what is recorded, before any gradient is asked
 * for, so it is filled where kernels are called: a scale of 1, an offset of 0.
 */
export function correctBatchNorm(): void {
  const engine = tf.engine() as unknown as { runKernel: RunKernel & { [wrapped]?: RunKernel } };
  const original = engine.runKernel[wrapped] ?? engine.runKernel;
  const filled: RunKernel & { [wrapped]?: RunKernel } = function (this: unknown, name, inputs, attrs) {
    if (name === "FusedBatchNorm" && tf.engine().state.gradientDepth > 0) {
      const shape = inputs.mean?.shape ?? [];
      inputs = { ...inputs, scale: inputs.scale ?? tf.ones(shape), offset: inputs.offset ?? tf.zeros(shape) };
    }
    return original.call(engine, name, inputs, attrs);
  };
  filled[wrapped] = original;
  engine.runKernel = filled;
}
