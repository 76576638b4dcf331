import * as tf from "@tensorflow/tfjs";
import { asOneRectifier } from "./rectifiers";
import { runPlan, type Step } from "./step-plan";
import { tailSoftmax } from "./tail-softmax";
import type { Network, RunOptions } from "./network-vision-model";
import type { LayerInfo } from "./vision-model";

/** One call of one layer. */
export interface LayerStep extends Step {
  readonly layer: tf.layers.Layer;
  readonly outputShape: readonly number[];
}

/**
 * The calls of a TF.js network in the order of execution, nested models opened up. TF.js itself runs a network only
 * as a whole; methods that look inside need to stand between two layers.
 */
export class LayerGraph implements Network {
  private readonly steps: LayerStep[] = [];
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
    const plan = options.beforeSoftmax && this.softmax ? this.softmax : { steps: this.steps, output: this.output };
    return runPlan(plan, ({ layer }, inputs) => call(layer, inputs), input, options);
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
        asOneRectifier(layer);
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
