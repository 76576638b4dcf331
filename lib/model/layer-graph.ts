import * as tf from "@tensorflow/tfjs";
import { tailSoftmax } from "./tail-softmax";
import type { Network, RunOptions } from "./network-vision-model";
import type { LayerInfo } from "./vision-model";

/** One call of one layer: which values it takes, which it makes. Values are numbered. */
export interface Step {
  readonly name: string;
  readonly layer: tf.layers.Layer;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly outputShape: readonly number[];
}

/**
 * The calls of a TF.js network in the order of execution, nested models opened up. TF.js itself runs a network only
 * as a whole; methods that look inside need to stand between two layers.
 */
export class LayerGraph implements Network {
  private readonly steps: Step[] = [];
  private readonly output: number;
  private readonly softmax: ReturnType<typeof tailSoftmax>;
  private slots = 1;

  /** @param model one input, one output */
  constructor(private readonly model: tf.LayersModel) {
    this.output = this.open(model, [0])[0];
    this.softmax = tailSoftmax(this.steps, this.output);
  }

  get layers(): LayerInfo[] {
    return this.steps.map(({ name, layer, outputShape }) => ({ name, kind: layer.getClassName(), outputShape }));
  }

  dispose(): void {
    this.model.dispose();
  }

  run(input: tf.Tensor, options: RunOptions = {}): tf.Tensor {
    const { tap, beforeSoftmax = false, until } = options;
    const plan = beforeSoftmax && this.softmax ? this.softmax : { steps: this.steps, output: this.output };
    const stopAt = until === undefined ? undefined : plan.steps.find((step) => step.name === until);
    const wanted = stopAt ? stopAt.outputs[0] : plan.output;
    const lastUse = new Map<number, Step>();
    for (const step of plan.steps) for (const slot of step.inputs) lastUse.set(slot, step);

    const values = new Map<number, tf.Tensor>([[0, input]]);
    for (const step of plan.steps) {
      const inputs = step.inputs.map((slot) => values.get(slot)!);
      const made = call(step.layer, inputs);
      step.outputs.forEach((slot, i) => values.set(slot, tap && i === 0 ? tap(step.name, made[i]) : made[i]));
      if (step === stopAt) break;
      // A tap may have kept what it saw; without one, what no later layer reads only takes memory (VGG16: gigabytes).
      if (!tap) for (const slot of step.inputs) if (slot !== 0 && slot !== wanted && lastUse.get(slot) === step) values.get(slot)!.dispose();
    }
    return values.get(wanted)!;
  }

  /** Appends a model's steps; returns the slots of its outputs. */
  private open(model: tf.LayersModel, inputSlots: readonly number[], prefix = ""): number[] {
    const slotOf = new Map<number, number>(model.inputs.map((input, i) => [input.id, inputSlots[i]]));
    const visit = (tensor: tf.SymbolicTensor): number => {
      const known = slotOf.get(tensor.id);
      if (known !== undefined) return known;
      const layer = tensor.sourceLayer;
      const node = layer.inboundNodes[tensor.nodeIndex];
      const inputs = node.inputTensors.map(visit);
      let outputs: number[];
      if (layer instanceof tf.LayersModel) {
        outputs = this.open(layer, inputs, `${prefix}${layer.name}/`);
      } else {
        outputs = node.outputTensors.map(() => this.slots++);
        this.steps.push({ name: this.unusedName(layer.name, prefix), layer, inputs, outputs, outputShape: node.outputTensors[0].shape.slice(1) as number[] });
      }
      node.outputTensors.forEach((output, i) => slotOf.set(output.id, outputs[i]));
      return slotOf.get(tensor.id)!;
    };
    return model.outputs.map(visit);
  }

  /** A layer inside a nested model keeps its own name where that is free; one that is called twice is numbered. */
  private unusedName(name: string, prefix: string): string {
    const taken = (candidate: string): boolean => this.steps.some((step) => step.name === candidate);
    if (!taken(name)) return name;
    const full = prefix + name;
    if (!taken(full)) return full;
    for (let i = 2; ; i++) if (!taken(`${full}#${i}`)) return `${full}#${i}`;
  }
}

function call(layer: tf.layers.Layer, inputs: tf.Tensor[]): tf.Tensor[] {
  const output = layer.apply(inputs.length === 1 ? inputs[0] : inputs, { training: false }) as tf.Tensor | tf.Tensor[];
  return Array.isArray(output) ? output : [output];
}
