import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import type { LayerStep, Plan } from "./step-plan";
import type { OutputKind } from "./network-options";

/**
 * Layers that only rearrange what comes out of a softmax or sigmoid, so that it is still the network's last
 * computation.
 */
const rearranging = new Set(["Reshape", "Flatten", "Dropout"]);

/** What a network ends in, and its plan up to there. */
export interface Tail {
  readonly kind: OutputKind;
  /** Without the softmax or sigmoid; as it is where it ends in neither. */
  readonly plan: Plan<LayerStep>;
}

/**
 * What the last layers tell: a softmax, a sigmoid, or neither. Without any activation several outputs count as the
 * logits of classes, a single one as a number; so does each that goes through another function. Weights are shared: a
 * dense layer with an activation inside is called through a twin whose only difference is that one.
 * @param asked what the caller says that the outputs are. Default: what they look like
 * @throws BadInputError where both contradict each other
 */
export function tailActivation(steps: readonly LayerStep[], output: number, units: number, asked?: OutputKind): Tail {
  const whole = { steps, output };
  if (asked === "linear") return { kind: "linear", plan: whole };
  const last = lastComputation(steps, output),
    function_ = last && activationOf(last);
  if (last && (function_ === "softmax" || function_ === "sigmoid")) {
    if (asked !== undefined && asked !== function_) contradiction(function_, asked);
    return { kind: function_, plan: without(last, whole) };
  }
  return { kind: asked ?? (units === 1 || (function_ ?? "linear") !== "linear" ? "linear" : "softmax"), plan: whole };
}

/** @throws BadInputError always: what a network ends in, and what the caller says that it is */
export function contradiction(seen: OutputKind, asked: OutputKind): never {
  return badInput({
    what: "output",
    got: asked,
    allowed: `${seen}, which the network ends in, or linear for what comes out of that`,
    remedy: "Leave output out.",
  });
}

/** The function that a step applies last; `linear` where it applies none. */
function activationOf(step: LayerStep): string {
  const kind = step.layer.getClassName();
  if (kind === "Softmax") return overLastAxis(step) ? "softmax" : "other";
  const { activation } = step.layer as LayerWithActivation;
  if (activation) return activation.getClassName?.() ?? "other";
  return /^(ReLU|LeakyReLU|PReLU|ELU|ThresholdedReLU)$/.test(kind) ? "other" : "linear";
}

function without(last: LayerStep, { steps, output }: Plan<LayerStep>): Plan<LayerStep> {
  const kind = last.layer.getClassName();
  if (kind === "Softmax" || kind === "Activation") {
    const source = last.inputs[0],
      removed = last.outputs[0];
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
  // An activation that something else reads as well cannot be taken out.
  const made = step?.outputs[0];
  return made !== undefined && steps.filter(({ inputs }) => inputs.includes(made)).length <= 1 ? step : undefined;
}

function overLastAxis(step: LayerStep): boolean {
  const axis = step.layer.getConfig().axis as number | undefined;
  return axis === undefined || axis === null || axis === -1 || axis === step.outputShape.length;
}

const linear = (): LayerWithActivation["activation"] =>
  (tf.layers.activation({ activation: "linear" }) as LayerWithActivation).activation;
