import type * as tf from "@tensorflow/tfjs";
import type { RunOptions } from "./network-model";
import { VitrineError } from "../core/errors";

/** One named computation of a network: which values it takes, which it makes. Values are numbered; the image is 0. */
export interface Step {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Steps in the order of execution, and the value that is the result. */
export interface Plan<S extends Step> {
  readonly steps: readonly S[];
  readonly output: number;
}

/**
 * Runs a plan, or its part up to a step: methods that look inside a network need to stand between two of its layers.
 * @param call computes one step; a pure function of tensors
 * @param input the image, or with `from` that step's output; owned by the caller, who also tidies
 */
export function runPlan<S extends Step>(
  { steps, output }: Plan<S>,
  call: (step: S, inputs: tf.Tensor[]) => tf.Tensor[],
  input: tf.Tensor,
  { tap, until, from }: Pick<RunOptions, "tap" | "until" | "from">,
): tf.Tensor {
  const stopAt = until === undefined ? undefined : steps.find((step) => step.name === until);
  const wanted = stopAt ? stopAt.outputs[0] : output;
  const lastUse = new Map<number, S>();
  for (const step of steps) for (const slot of step.inputs) lastUse.set(slot, step);

  const begin = from === undefined ? 0 : steps.findIndex((step) => step.name === from) + 1,
    given = begin === 0 ? 0 : steps[begin - 1].outputs[0];
  const values = new Map<number, tf.Tensor>([[given, input]]);
  for (const step of steps.slice(begin)) {
    const inputs = step.inputs.map((slot) => values.get(slot)!);
    const made = call(step, inputs);
    step.outputs.forEach((slot, i) => values.set(slot, tap && i === 0 ? tap(step.name, made[i]) : made[i]));
    if (step === stopAt) break;
    // A tap may have kept what it saw; without one, what no later layer reads only takes memory (VGG16: gigabytes).
    if (!tap)
      for (const slot of step.inputs)
        if (slot !== given && slot !== wanted && lastUse.get(slot) === step) values.get(slot)!.dispose();
  }
  return values.get(wanted)!;
}

/** One call of one layer. */
export interface LayerStep extends Step {
  readonly layer: tf.layers.Layer;
  readonly outputShape: readonly number[];
}

// What TensorFlow.js cannot compute of a network, said in one line by the name of what it is.

/**
 * @param what for people: "layer c1 (Conv1D) of net"
 * @throws VitrineError in place of TensorFlow.js's own error, which is its `cause`
 */
export function computed<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof VitrineError || !(error instanceof Error)) throw error;
    throw new VitrineError(`TensorFlow.js cannot compute ${what}: ${error.message.replace(/\s*\n[^]*$/, "")}`, {
      cause: error,
    });
  }
}
