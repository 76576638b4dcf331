import * as tf from "@tensorflow/tfjs";
import type { LayerStep } from "./layer-graph";
import type { Plan } from "./step-plan";

/** Layers that only rearrange what comes out of a softmax, so that it is still the network's last computation. */
const rearranging = new Set(["Reshape", "Flatten", "Dropout"]);

/**
 * The plan of a network without the softmax it ends in, or undefined if it ends in none. Weights are shared: a dense
 * layer with a softmax inside is called through a twin whose only difference is the activation.
 */
export function tailSoftmax(steps: readonly LayerStep[], output: number): Plan<LayerStep> | undefined {
  const last = lastComputation(steps, output);
  if (!last) return undefined;
  const activation = (last.layer as LayerWithActivation).activation;
  const kind = last.layer.getClassName();
  const isSoftmax = kind === "Softmax" ? overLastAxis(last) : activation?.getClassName?.() === "softmax";
  if (!isSoftmax) return undefined;
  if (kind === "Softmax" || kind === "Activation") {
    const source = last.inputs[0], removed = last.outputs[0];
    const redirect = (slot: number): number => (slot === removed ? source : slot);
    const rest = steps.filter((step) => step !== last).map((step) => ({ ...step, inputs: step.inputs.map(redirect) }));
    return { steps: rest, output: redirect(output) };
  }
  const twin = Object.create(last.layer) as LayerWithActivation;
  twin.activation = linear();
  return { steps: steps.map((step) => (step === last ? { ...step, layer: twin } : step)), output };
}

type LayerWithActivation = tf.layers.Layer & { activation?: { getClassName?(): string } };

function lastComputation(steps: readonly LayerStep[], output: number): LayerStep | undefined {
  let step = steps.find((candidate) => candidate.outputs.includes(output));
  while (step && rearranging.has(step.layer.getClassName())) {
    const source: number = step.inputs[0];
    step = steps.find((candidate) => candidate.outputs.includes(source));
  }
  // A softmax that something else reads as well cannot be taken out.
  const made = step?.outputs[0];
  return made !== undefined && steps.filter(({ inputs }) => inputs.includes(made)).length <= 1 ? step : undefined;
}

function overLastAxis(step: LayerStep): boolean {
  const axis = step.layer.getConfig().axis as number | undefined;
  return axis === undefined || axis === null || axis === -1 || axis === step.outputShape.length;
}

const linear = (): LayerWithActivation["activation"] => (tf.layers.activation({ activation: "linear" }) as LayerWithActivation).activation;
