import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { forgetGraphs, modelStep } from "../backend/compile/model-graphs";
import { badInput } from "../errors";
import { nearNames } from "../util/near-names";
import { checkImages, checkImageShape } from "./check-images";
import { topPredictions } from "./predict";
import type { Normalization } from "./preprocess";
import type { ImageInput, LayerInfo, LayerTap, LocalLayers, Prediction, PredictOptions, VisionModel } from "./vision-model";

export interface RunOptions {
  tap?: LayerTap;
  /** Evaluate the network up to its last softmax. Default: false. */
  beforeSoftmax?: boolean;
  /** Return this layer's output instead of the network's. */
  until?: string;
  /** The input is this layer's output: only the layers after it run. */
  from?: string;
}

/** What an adapter must provide; {@link NetworkVisionModel} makes the rest of a VisionModel of it. */
export interface Network {
  readonly layers: readonly LayerInfo[];
  /** @param input preprocessed images, owned by the caller. A pure function of tensors; the caller tidies. */
  run(input: tf.Tensor4D, options?: RunOptions): tf.Tensor;
  /** The logit of each image's class, if that takes less than all logits. Pure; the caller tidies. @param oneHot [batch, classes], or [1, classes] for all */
  targetLogits?(input: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D | undefined;
  /** As a {@link VisionModel}'s, of preprocessed images. Preprocessing must treat each pixel by itself. */
  readonly local?: LocalLayers;
  dispose(): void;
}

export interface VisionModelFacts {
  readonly name: string;
  readonly inputShape: readonly [number, number, number];
  readonly bounds: readonly [number, number];
  readonly classNames: readonly string[];
  readonly preprocess: (images: tf.Tensor4D) => tf.Tensor4D;
  readonly normalization?: Normalization;
}

export class NetworkVisionModel implements VisionModel {
  readonly name: string;
  readonly inputShape: readonly [number, number, number];
  readonly bounds: readonly [number, number];
  readonly classNames: readonly string[];
  readonly normalization?: Normalization;
  private readonly preprocess: (images: tf.Tensor4D) => tf.Tensor4D;
  private disposed = false;

  constructor(private readonly network: Network, facts: VisionModelFacts) {
    this.name = facts.name;
    this.inputShape = facts.inputShape;
    this.bounds = facts.bounds;
    this.classNames = facts.classNames;
    this.normalization = facts.normalization;
    this.preprocess = facts.preprocess;
  }

  /** A getter, so that a copy with another `logits` does not inherit the promise. */
  get pure(): boolean {
    return true;
  }

  logits(images: tf.Tensor4D, tap?: LayerTap): tf.Tensor2D {
    this.check(images);
    const run = (x: tf.Tensor4D): tf.Tensor2D => tf.tidy(() => this.network.run(this.preprocess(x), { tap, beforeSoftmax: true }) as tf.Tensor2D);
    return tap ? run(images) : modelStep(this, "logits", run)(images);
  }

  targetLogits(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D {
    this.check(images);
    return modelStep(this, "target logits", (x: tf.Tensor4D, rows: tf.Tensor2D) => tf.tidy(() => {
      // A copy with a `logits` of its own means that one.
      const short = this.logits === NetworkVisionModel.prototype.logits ? this.network.targetLogits?.(this.preprocess(x), rows) : undefined;
      return short ?? tf.sum(tf.mul(this.logits(x), rows), 1) as tf.Tensor1D;
    }))(images, oneHot);
  }

  get local(): LocalLayers | undefined {
    const { local } = this.network;
    if (!local || this.logits !== NetworkVisionModel.prototype.logits) return undefined;
    return { ...local, maps: (images) => tf.tidy(() => local.maps(this.preprocess(images))), targetLogits: (maps, oneHot) => tf.tidy(() => local.targetLogits(maps, oneHot)) };
  }

  probabilities(images: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => tf.softmax(this.logits(images)));
  }

  async predict(images: ImageInput, options?: PredictOptions): Promise<Prediction[][]> {
    this.check(images);
    await ready();
    const batch = await checkImages(images, this);
    try {
      return await topPredictions((some) => this.probabilities(some), batch, this.classNames, options);
    } finally {
      batch.dispose();
    }
  }

  layers(): readonly LayerInfo[] {
    return this.network.layers;
  }

  activations(images: tf.Tensor4D, layer: string): tf.Tensor {
    this.check(images);
    const names = this.layers().map((info) => info.name);
    if (!names.includes(layer)) {
      badInput({ what: "layer", got: layer, allowed: `a layer of ${this.name}, for instance ${nearNames(String(layer), names).join(", ")}`, remedy: "model.layers() lists them all." });
    }
    return tf.tidy(() => this.network.run(this.preprocess(images), { until: layer }));
  }

  dispose(): void {
    if (!this.disposed) this.network.dispose();
    this.disposed = true;
    forgetGraphs(this);
  }

  private check(images: tf.Tensor): void {
    if (this.disposed) badInput({ what: `model ${this.name}`, got: "disposed", allowed: "a model still in use", remedy: "Load it again." });
    checkImageShape(images, this);
  }
}
