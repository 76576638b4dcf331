// A network as the Model that every method takes, whatever it was made from.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { forgetGraphs, modelStep } from "../backend/graph/model-graphs";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import { checkInputs, checkInputShape, checkWeights } from "./checks";
import { checkOneRow, probabilitiesOf, topPredictions } from "./outputs";
import type {
  ActivationOptions,
  Embedding,
  Inputs,
  LayerInfo,
  LayerTap,
  LocalLayers,
  Model,
  NamedWeight,
  Prediction,
  PredictOptions,
} from "./vision-model";
import type { InputPart } from "./packed-inputs";
import type { Normalization, OutputKind } from "./network-options";

export interface RunOptions {
  tap?: LayerTap;
  /** Evaluate the network up to its last softmax or sigmoid. Default: false. */
  logits?: boolean;
  /** Return this layer's output instead of the network's. */
  until?: string;
  /** The input is this layer's output: only the layers after it run. */
  from?: string;
}

/** What an adapter must provide; {@link NetworkModel} makes the rest of a Model of it. */
export interface Network {
  readonly layers: readonly LayerInfo[];
  /** @param input preprocessed, owned by the caller. A pure function of tensors; the caller tidies. */
  run(input: tf.Tensor, options?: RunOptions): tf.Tensor;
  /**
   * The logit of each input's class, if that takes less than all logits. Pure; the caller tidies. @param rows [batch,
   * units], or [1, units] for all
   */
  targetLogits?(input: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D | undefined;
  /** The layer that turns tokens into vectors, where a network begins with one. */
  readonly embedding?: string;
  /** The layer that turns tokens into vectors, where they are not its only input. */
  readonly tokensAt?: string;
  /** As a {@link Model}'s. */
  namedWeights?(): readonly NamedWeight[];
  /** As a {@link VisionModel}'s, of preprocessed images. Preprocessing must treat each pixel by itself. */
  readonly local?: LocalLayers;
  /** What it tells of the values that it takes. Default: nothing, since they are known. */
  evidence?(): Promise<InputEvidence>;
  dispose(): void;
}

export interface ModelFacts extends Pick<
  Model,
  "name" | "inputShape" | "bounds" | "classNames" | "output" | "units" | "inputs" | "normalization"
> {
  readonly preprocess: (inputs: tf.Tensor) => tf.Tensor;
}

export class NetworkModel implements Model {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly bounds: readonly [number, number];
  readonly classNames: readonly string[];
  readonly output: OutputKind;
  readonly units: number;
  readonly inputs?: readonly InputPart[];
  readonly normalization?: Normalization;
  private readonly preprocess: (inputs: tf.Tensor) => tf.Tensor;
  private embedded?: Embedding;
  private disposed = false;

  constructor(
    private readonly network: Network,
    facts: ModelFacts,
  ) {
    this.name = facts.name;
    this.inputShape = facts.inputShape;
    this.bounds = facts.bounds;
    this.classNames = facts.classNames;
    this.output = facts.output ?? "softmax";
    this.units = facts.units ?? facts.classNames.length;
    this.inputs = facts.inputs;
    this.normalization = facts.normalization;
    this.preprocess = facts.preprocess;
  }

  /** A getter, so that a copy with another `logits` does not inherit the promise. */
  get pure(): boolean {
    return true;
  }

  logits(inputs: tf.Tensor, tap?: LayerTap): tf.Tensor {
    this.check(inputs);
    const run = (x: tf.Tensor): tf.Tensor => tf.tidy(() => this.network.run(this.preprocess(x), { tap, logits: true }));
    return tap ? run(inputs) : modelStep(this, "logits", run)(inputs);
  }

  targetLogits(inputs: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D {
    this.check(inputs);
    return modelStep(this, "target logits", (x: tf.Tensor, each: tf.Tensor2D) =>
      tf.tidy(() => {
        // A copy with a `logits` of its own means that one.
        const short =
          this.logits === NetworkModel.prototype.logits
            ? this.network.targetLogits?.(this.preprocess(x), each)
            : undefined;
        return short ?? (tf.sum(tf.mul(checkOneRow(this, this.logits(x)), each), 1) as tf.Tensor1D);
      }),
    )(inputs, rows);
  }

  get local(): LocalLayers | undefined {
    const { local } = this.network;
    if (!local || this.logits !== NetworkModel.prototype.logits) return undefined;
    return {
      ...local,
      maps: (images) => tf.tidy(() => local.maps(this.preprocess(images) as tf.Tensor4D)),
      targetLogits: (maps, rows) => tf.tidy(() => local.targetLogits(maps, rows)),
    };
  }

  get tokensAt(): string | undefined {
    return this.network.tokensAt;
  }

  get embedding(): Embedding | undefined {
    const { embedding: layer } = this.network;
    if (layer === undefined || this.logits !== NetworkModel.prototype.logits) return undefined;
    return (this.embedded ??= { layer, model: this.behind(layer), embed: (inputs) => this.activations(inputs, layer) });
  }

  probabilities(inputs: tf.Tensor): tf.Tensor {
    return tf.tidy(() => probabilitiesOf(this, this.logits(inputs)));
  }

  async predict(inputs: Inputs, options?: PredictOptions): Promise<Prediction[][]> {
    if (this.disposed || inputs instanceof tf.Tensor) this.check(inputs);
    await ready();
    await checkWeights(this);
    const batch = await checkInputs(inputs, this);
    try {
      return await topPredictions(this, batch, options);
    } finally {
      batch.dispose();
    }
  }

  layers(): readonly LayerInfo[] {
    return this.network.layers;
  }

  namedWeights(): readonly NamedWeight[] {
    return this.network.namedWeights?.() ?? [];
  }

  activations(inputs: tf.Tensor, layer: string, { logits, tap }: ActivationOptions = {}): tf.Tensor {
    this.check(inputs);
    const names = this.layers().map((info) => info.name);
    if (!names.includes(layer)) {
      badInput({
        what: "layer",
        got: layer,
        allowed: `a layer of ${this.name}, for instance ${nearNames(String(layer), names).join(", ")}`,
        remedy: "model.layers() lists them all.",
      });
    }
    return tf.tidy(() => this.network.run(this.preprocess(inputs), { until: layer, logits, tap }));
  }

  /** What the network itself tells of the values that it takes; undefined where they are known. */
  async evidence(): Promise<InputEvidence | undefined> {
    return this.network.evidence?.();
  }

  /** What goes into the network's first layer. The caller owns it. */
  preprocessed(inputs: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.clone(this.preprocess(inputs)));
  }

  dispose(): void {
    if (!this.disposed) this.network.dispose();
    this.disposed = true;
    forgetGraphs(this);
    if (this.embedded) forgetGraphs(this.embedded.model);
  }

  /** The part of the network behind a layer, whose outputs it takes. */
  private behind(layer: string): NetworkModel {
    const layers = this.layers(),
      at = layers.findIndex(({ name }) => name === layer);
    const rest: Network = {
      layers: layers.slice(at + 1),
      run: (vectors, options) => this.network.run(vectors, { ...options, from: layer }),
      dispose: () => undefined,
    };
    const { classNames, output, units } = this;
    return new NetworkModel(rest, {
      name: `${this.name} behind ${layer}`,
      inputShape: layers[at].outputShape,
      bounds: [-Infinity, Infinity],
      classNames,
      output,
      units,
      preprocess: (vectors) => vectors,
    });
  }

  private check(inputs: Inputs): void {
    if (this.disposed)
      badInput({
        what: `model ${this.name}`,
        got: "disposed",
        allowed: "a model still in use",
        remedy: "Load it again.",
      });
    checkInputShape(inputs as tf.Tensor, this);
  }
}

// What a network itself tells of the values that it takes, for those who wonder whether it is given the right ones.

export interface InputEvidence {
  /** What it does to its input before anything else: input · scale + offset. */
  readonly rescaling?: Rescaling;
  /** The first batch normalization, which knows what came before it in training. */
  readonly norm?: SeenInTraining;
}

export interface Rescaling {
  readonly layer: string;
  readonly scale: number;
  readonly offset: number;
}

export interface SeenInTraining {
  readonly layer: string;
  /** One for each channel: the moving averages. */
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  /** What goes into it. A pure function of tensors; the caller tidies. @param input preprocessed */
  before(input: tf.Tensor): tf.Tensor;
}
