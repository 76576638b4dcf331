import type * as tf from "@tensorflow/tfjs";
import type { Normalization } from "./preprocess";

/**
 * Sees every named layer's output on the way through a forward pass, and may put another tensor in its place
 * (a perturbed or differentiated one). Must be a pure function of tensors, so that a forward pass can be traced.
 */
export type LayerTap = (layer: string, output: tf.Tensor) => tf.Tensor;

export interface LayerInfo {
  /** The name that `activations` and layer methods take: the paper's own (`conv1`, `fire2`). */
  readonly name: string;
  /** Layer type, for people: `Conv2D`, `ReLU`, `fire`. */
  readonly kind: string;
  /** Output shape without the batch dimension. */
  readonly outputShape: readonly number[];
}

export interface Prediction {
  /** Class index. */
  readonly index: number;
  readonly name: string;
  /** Softmax probability, 0 to 1. */
  readonly probability: number;
}

export interface PredictOptions {
  /** How many classes to return, most probable first. Integer ≥ 1. Default: 5, or all where there are fewer. */
  top?: number;
}

/**
 * A network's first layers, where they are local: a cell of the map that they make sees a patch of the image. Crops that begin at, and measure,
 * multiples of `stride` pixels make the same cells, but for those at the crop's edges inside the image.
 */
export interface LocalLayers {
  /** Pixels from cell to cell. A crop of n + 1 strides has n cells. */
  readonly stride: number;
  /** Cells of the whole image's map: [rows, columns]. */
  readonly cells: readonly [number, number];
  /** Cell i sees the pixels from i · stride − before to i · stride + after. */
  readonly reach: readonly [before: number, after: number];
  /** Cells at an edge of a crop that lies inside the image, which differ from the whole image's. */
  readonly margin: number;
  /** @param images whole, or crops [batch, height, width, channels] @returns [batch, rows, columns, filters] */
  maps(images: tf.Tensor4D): tf.Tensor4D;
  /** The rest of the network. @param maps of whole images @param oneHot [batch, classes] @returns each image's logit, [batch] */
  targetLogits(maps: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D;
}

/**
 * What every method, attack and visualization takes. Callers give RGB (or grey) images in `bounds`, NHWC;
 * preprocessing is inside the model, so that a gradient is with respect to the image a person sees.
 */
export interface VisionModel {
  readonly name: string;
  /** [height, width, channels] of one image. */
  readonly inputShape: readonly [number, number, number];
  /** The range of pixel values, [0, 1]. */
  readonly bounds: readonly [number, number];
  readonly classNames: readonly string[];
  /**
   * The space (image − mean) / std in which recipes for this network are published. Callers of the model need not care:
   * it takes images. Default: none, mean 0 and std 1.
   */
  readonly normalization?: Normalization;
  /**
   * `logits` and `activations` do nothing but compute, and the same at every call: a loop may then record what they do and
   * replay it as one graph (`compile`). Default: false, they are called each time.
   */
  readonly pure?: boolean;
  /**
   * Pre-softmax scores, differentiable.
   * @param images [batch, height, width, channels] in `bounds`
   * @param tap sees, and may replace, each named layer's output
   * @returns [batch, classes]
   */
  logits(images: tf.Tensor4D, tap?: LayerTap): tf.Tensor2D;
  /**
   * The logit of each image's class, differentiable: for networks that have it for less than all logits, of which most methods need one.
   * Default: `logits` times `oneHot`, added up.
   * @param oneHot [batch, classes], or [1, classes] for all
   * @returns [batch]
   */
  targetLogits?(images: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D;
  /** Its first layers, where a change in a part of the image changes a part of their map alone: occlusion is then much cheaper. */
  readonly local?: LocalLayers;
  /** Softmax of the logits. [batch, classes] */
  probabilities(images: tf.Tensor4D): tf.Tensor2D;
  /** The most probable classes of each image: one array per image, most probable first. */
  predict(images: ImageInput, options?: PredictOptions): Promise<Prediction[][]>;
  layers(): readonly LayerInfo[];
  /** Output of one named layer. [batch, …] */
  activations(images: tf.Tensor4D, layer: string): tf.Tensor;
  dispose(): void;
}

/** One image [height, width, channels] or a batch [batch, height, width, channels]; float32 in the model's `bounds`. */
export type ImageInput = tf.Tensor3D | tf.Tensor4D;
