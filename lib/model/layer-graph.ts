// A layers model, opened up: run layer by layer, its layers seen and replaced.
import * as tf from "@tensorflow/tfjs";
import { runPlan, computed, type LayerStep } from "./step-plan";
import { badInput } from "../core/errors";
import type { InputEvidence, Network, RunOptions, Rescaling } from "./network-model";
import { Unpack } from "./packed-inputs";
import { tailActivation, type Tail } from "./tail-activation";
import { unfuseDilated } from "./unfused";
import type { LayerInfo, NamedWeight } from "./vision-model";
import type { OutputKind } from "./network-options";

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

/** Layers further in see too little of the input's scale, as those before them have brought it to their own. */
const mostSteps = 8;

/** Follows a LayersModel from its input to its first batch normalization, as far as no branch begins. */
async function layerEvidence(
  steps: readonly LayerStep[],
  run: (input: tf.Tensor, until: string) => tf.Tensor,
): Promise<InputEvidence> {
  let rescaling: Rescaling | undefined,
    before: LayerStep | undefined,
    slot = 0;
  for (let i = 0; i < mostSteps; i++) {
    const readers = steps.filter((step) => step.inputs.includes(slot));
    if (readers.length !== 1 || readers[0].inputs.length !== 1) break;
    const [step] = readers,
      kind = step.layer.getClassName();
    if (kind === "BatchNormalization") {
      const last = before;
      return {
        rescaling,
        norm: {
          layer: step.name,
          ...(await movingAverages(step.layer)),
          before: (input) => (last ? run(input, last.name) : input),
        },
      };
    }
    if (kind === "Rescaling" && weightless(steps, before)) rescaling = after(rescaling, step);
    before = step;
    [slot] = step.outputs;
  }
  return { rescaling };
}

/** Whether all so far only moves or pads what was given. */
function weightless(steps: readonly LayerStep[], last: LayerStep | undefined): boolean {
  return last === undefined || steps.slice(0, steps.indexOf(last) + 1).every(({ layer }) => layer.weights.length === 0);
}

function after(first: Rescaling | undefined, { name, layer }: LayerStep): Rescaling {
  const { scale = 1, offset = 0 } = layer.getConfig() as { scale?: number; offset?: number };
  return { layer: name, scale: (first?.scale ?? 1) * scale, offset: (first?.offset ?? 0) * scale + offset };
}

/** Scale and shift, which a layer may lack, come first among its weights. */
async function movingAverages(
  layer: tf.layers.Layer,
): Promise<{ mean: ArrayLike<number>; variance: ArrayLike<number> }> {
  const [mean, variance] = await Promise.all(
    layer
      .getWeights()
      .slice(-2)
      .map((weight) => weight.data()),
  );
  return { mean, variance };
}

// Rectifiers that TensorFlow.js's layers write as several ops, made one op again.

type Calls = { call(inputs: tf.Tensor | tf.Tensor[], kwargs: unknown): tf.Tensor | tf.Tensor[] };
type Activation = { apply(x: tf.Tensor): tf.Tensor; constructor: { className?: string } };
type Inside = Calls & { activation?: Activation; maxValue?: number; theta?: number };

/**
 * Guided backprop and deconvolution change what passes back through a rectifier, and know it by its op. Layers compute
 * ReLU6 as `minimum(6, relu(x))`, a ReLU with a maximum as `clip(relu(x))` and a thresholded one as a product: the
 * second op would mask by the forward value whatever the rule says. Here each becomes one rectifier, with the same
 * values and, but for the very points where it bends, the same derivative.
 */
function asOneRectifier(layer: tf.layers.Layer): void {
  const { activation, maxValue, theta } = layer as unknown as Inside;
  if (activation?.constructor.className === "relu6") activation.apply = (x) => tf.relu6(x);
  const kind = layer.getClassName();
  if (kind === "ReLU" && typeof maxValue === "number") rectifyBy(layer, (x) => cappedRelu(x, maxValue));
  const thresholded = kind === "ThresholdedReLU" && typeof theta === "number" && theta >= 0;
  if (thresholded) rectifyBy(layer, (x) => thresholdedRelu(x, theta));
}

/** What a layer is that lets something pass below 0 although its kind does not say so. */
function leakyBy(layer: tf.layers.Layer): string | undefined {
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

type Counted = tf.layers.Layer & { _refCount: number | null };
interface Container {
  nodesByDepth: Record<string, readonly { outboundLayer: tf.layers.Layer }[]>;
}

/**
 * Frees a network. TF.js counts every call of a layer, and takes off one for each network: a layer that is called twice
 * in it, or a network inside that is, would keep its weights. Those that another network uses are kept for that one.
 */
function disposeNetwork(model: tf.LayersModel): void {
  if ((model as unknown as Counted)._refCount === 1) forgetFurtherCalls(model);
  model.dispose();
}

/** All but the last one, which TF.js takes off itself. */
function forgetFurtherCalls(model: tf.LayersModel): void {
  const calls = new Map<tf.layers.Layer, number>();
  for (const { outboundLayer } of Object.values((model as unknown as Container).nodesByDepth).flat())
    calls.set(outboundLayer, (calls.get(outboundLayer) ?? 0) + 1);
  for (const [layer, times] of calls) {
    if (layer instanceof tf.LayersModel) forgetFurtherCalls(layer);
    // A network inside counts once more, for itself.
    const least = layer instanceof tf.LayersModel ? 2 : 1;
    for (let i = 1; i < times && ((layer as Counted)._refCount ?? 0) > least; i++) layer.dispose();
  }
}
