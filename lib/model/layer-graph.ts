import * as tf from "@tensorflow/tfjs";
import { asOneRectifier, leakyBy } from "./rectifiers";
import { runPlan } from "./step-plan";
import { badInput } from "../core/errors";
import { computed } from "./computed";
import type { InputEvidence } from "./input-evidence";
import { layerEvidence } from "./layer-evidence";
import { Unpack } from "./packed-inputs";
import { tailActivation, type Tail } from "./tail-activation";
import { disposeNetwork } from "./dispose-layers";
import { unfuseDilated } from "./unfused";
import type { Network, RunOptions } from "./network-model";
import type { OutputKind, LayerInfo, NamedWeight } from "./vision-model";
import type { LayerStep } from "./layer-step";

/**
 * The calls of a TF.js network in the order of execution, nested models opened up. TF.js itself runs a network only
 * as a whole; methods that look inside need to stand between two layers.
 */
export class LayerGraph implements Network {
  private readonly steps: LayerStep[] = [];
  private readonly output: number;
  /** Without its last softmax or sigmoid. */
  private readonly tail: Tail;
  /** The layer that turns an input's numbers (tokens) into vectors, where the input goes nowhere else. */
  readonly embedding?: string;
  /** The same where the input goes elsewhere, too, or is one of several. */
  readonly tokensAt?: string;
  private slots = 1;

  private readonly name: string;

  /** @param head which of its outputs is meant */
  constructor(
    private readonly model: tf.LayersModel,
    { head = 0, output, name = model.name }: { head?: number; output?: OutputKind; name?: string } = {},
  ) {
    this.name = name;
    const inputs = model.inputs.length === 1 ? [0] : this.unpack(model);
    this.output = this.open(model, inputs, [model.outputs[head]])[0];
    refuseMasks(this.steps, name);
    this.tail = tailActivation(this.steps, this.output, model.outputs[head].shape.at(-1) as number, output);
    const readers = this.steps.filter((step) => step.inputs.includes(0));
    if (readers.length === 1 && readers[0].layer.getClassName() === "Embedding") this.embedding = readers[0].name;
    else
      this.tokensAt = this.steps.find(
        ({ layer, inputs: [from] }) => layer.getClassName() === "Embedding" && (from === 0 || inputs.includes(from)),
      )?.name;
  }

  get layers(): LayerInfo[] {
    return this.steps
      .filter(({ layer }) => !(layer instanceof Unpack))
      .map(({ name, layer, outputShape }) => {
        const leaky = leakyBy(layer);
        return { name, kind: layer.getClassName(), outputShape, ...(leaky !== undefined && { leaky }) };
      });
  }

  get outputKind(): OutputKind {
    return this.tail.kind;
  }

  namedWeights(): NamedWeight[] {
    return this.model.weights.map((weight) => ({ name: weight.originalName, tensor: weight.read() }));
  }

  evidence(): Promise<InputEvidence> {
    return layerEvidence(this.steps, (input, until) => this.run(input, { until }));
  }

  dispose(): void {
    disposeNetwork(this.model);
  }

  run(input: tf.Tensor, options: RunOptions = {}): tf.Tensor {
    const plan = options.logits ? this.tail.plan : { steps: this.steps, output: this.output };
    return runPlan(
      plan,
      ({ layer, name }, inputs) =>
        computed(`layer ${name} (${layer.getClassName()}) of ${this.name}`, () => call(layer, inputs)),
      input,
      options,
    );
  }

  /** Several inputs come as one row of numbers. Returns the slots of each. */
  private unpack(model: tf.LayersModel): number[] {
    const outputs = model.inputs.map(() => this.slots++);
    const shapes = model.inputs.map(({ shape }) => shape.slice(1) as number[]);
    this.steps.push({
      name: this.unusedName("inputs", ""),
      layer: new Unpack(shapes),
      inputs: [0],
      outputs,
      outputShape: shapes[0],
    });
    return outputs;
  }

  /** Appends the steps of a model that its `wanted` outputs need; returns their slots. */
  private open(
    model: tf.LayersModel,
    inputSlots: readonly number[],
    wanted: readonly tf.SymbolicTensor[] = model.outputs,
    prefix = "",
  ): number[] {
    const slotOf = new Map<number, number>(model.inputs.map((input, i) => [input.id, inputSlots[i]]));
    const visit = (tensor: tf.SymbolicTensor): number => {
      const known = slotOf.get(tensor.id);
      if (known !== undefined) return known;
      const layer = tensor.sourceLayer;
      const node = layer.inboundNodes[tensor.nodeIndex];
      const inputs = node.inputTensors.map(visit);
      let outputs: number[];
      if (layer instanceof tf.LayersModel) {
        outputs = this.open(layer, inputs, layer.outputs, `${prefix}${layer.name}/`);
      } else {
        outputs = node.outputTensors.map(() => this.slots++);
        asOneRectifier(layer);
        unfuseDilated(layer);
        this.steps.push({
          name: this.unusedName(layer.name, prefix),
          layer,
          inputs,
          outputs,
          outputShape: node.outputTensors[0].shape.slice(1) as number[],
        });
      }
      node.outputTensors.forEach((output, i) => slotOf.set(output.id, outputs[i]));
      return slotOf.get(tensor.id)!;
    };
    return wanted.map(visit);
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

/** Masks travel beside the tensors, from layer to layer, only when TensorFlow.js runs the network as a whole. */
function refuseMasks(steps: readonly LayerStep[], network: string): void {
  const masked = steps.find(
    ({ layer }) => layer.getClassName() === "Masking" || (layer as { maskZero?: boolean }).maskZero === true,
  );
  if (!masked) return;
  badInput({
    what: `layer ${masked.name} of ${network}`,
    got: masked.layer.getClassName() === "Masking" ? "Masking" : "maskZero: true",
    allowed: "layers without masks",
    remedy: "Pad with a token of its own, and train without the mask.",
  });
}
