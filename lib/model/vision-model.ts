// What a model is to a method.
import type * as tf from "@tensorflow/tfjs";
import { integer, type Schema } from "../core/options";
import type { InputPart } from "./packed-inputs";
import type { Normalization, OutputKind } from "./network-options";

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
  /** What it is, for people, where it is a rectifier that lets something pass below 0 and its kind does not say so. */
  readonly leaky?: string;
}

export interface Prediction {
  /** Class index. */
  readonly index: number;
  readonly name: string;
  /** Softmax's or sigmoid's, 0 to 1; NaN where the output is a number and no class (`linear`). */
  readonly probability: number;
  /** What the network says: the probability, or of a linear output the number itself. */
  readonly value: number;
}

export interface PredictOptions {
  /**
   * How many classes to return, most probable first. Integer ≥ 1. Default: 5, or all where there are fewer; all of a
   * linear output's.
   */
  top?: number;
}

export const predictOptions = {
  top: integer({
    least: 1,
    rule: "5, or all where there are fewer; all of a linear output's",
    help: "how many classes, most probable first",
  }),
} satisfies Schema<PredictOptions>;

/**
 * A network's first layers, where they are local: a cell of the map that they make sees a patch of the image. Crops
 * that begin at, and measure, multiples of `stride` pixels make the same cells, but for those at the crop's edges
 * inside the image.
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
  /**
   * The rest of the network. @param maps of whole images @param oneHot [batch, classes] @returns each image's logit,
   * [batch]
   */
  targetLogits(maps: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D;
}

/**
 * What every method takes: a network whose inputs have any shape. Callers give inputs in `bounds`, batch first;
 * preprocessing is inside, so that a gradient is with respect to what the caller gave.
 */
export interface Model {
  readonly name: string;
  /** Of one input, without the batch: [features], [steps, channels], [height, width, channels] … */
  readonly inputShape: readonly number[];
  /** The range of input values: [0, 1] for images; ±Infinity where there is none. */
  readonly bounds: readonly [number, number];
  /** One for each output; two for a single sigmoid unit: what it says no to, what it says yes to. */
  readonly classNames: readonly string[];
  /** What its outputs are. Default: softmax. */
  readonly output?: OutputKind;
  /** Columns of `logits`. Default: as many as class names. */
  readonly units?: number;
  /**
   * The space (image − mean) / std in which recipes for this network are published. Callers of the model need not care:
   * it takes images. Default: none, mean 0 and std 1.
   */
  readonly normalization?: Normalization;
  /**
   * `logits` and `activations` do nothing but compute, and the same at every call: a loop may then record what they do
   * and replay it as one graph (`compile`). Default: false, they are called each time.
   */
  readonly pure?: boolean;
  /**
   * Its first layers, where a change in a part of the image changes a part of their map alone: occlusion is then much
   * cheaper.
   */
  readonly local?: LocalLayers;
  /**
   * Where inputs are numbers that stand for something (tokens): gradients are taken behind the layer that turns them
   * into vectors.
   */
  readonly embedding?: Embedding;
  /**
   * The layer that turns one of several inputs (tokens) into vectors: such a network can be covered, not
   * differentiated.
   */
  readonly tokensAt?: string;
  /**
   * The inputs of a network that has several. They are given as a list, and explained as one row of numbers:
   * `inputShape` is its length.
   */
  readonly inputs?: readonly InputPart[];
  /**
   * What comes before the softmax or sigmoid, differentiable; of a linear output what it says.
   * @param inputs [batch, …] in `bounds`
   * @param tap sees, and may replace, each named layer's output
   * @returns [batch, units]; networks with an output for each place: [batch, …, units]
   */
  logits(inputs: tf.Tensor, tap?: LayerTap): tf.Tensor;
  /**
   * The logit of each input's class, differentiable: for networks that have it for less than all logits, of which most
   * methods need one.
   * Default: `logits` times the row, added up.
   * @param rows what each unit counts for an input's class: 1 at its own. [batch, units], or [1, units] for all
   * @returns [batch]
   */
  targetLogits?(inputs: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D;
  /** Of the logits. [batch, classes] @throws BadInputError for a linear output */
  probabilities(inputs: tf.Tensor): tf.Tensor;
  /**
   * The most probable classes of each input, most probable first; of a linear output its numbers, in their order. One
   * array per input.
   */
  predict(inputs: Inputs, options?: PredictOptions): Promise<Prediction[][]>;
  layers(): readonly LayerInfo[];
  /**
   * Output of one named layer. [batch, …] @param options where the layer ends in the network's softmax or sigmoid, or
   * with a tap
   */
  activations(inputs: tf.Tensor, layer: string, options?: ActivationOptions): tf.Tensor;
  /** Its weights, which it owns; they are checked at first use. Default: none are known. */
  namedWeights?(): readonly NamedWeight[];
  dispose(): void;
}

export interface ActivationOptions {
  /** As `logits` has it: without the softmax or sigmoid that the network ends in. Default: false. */
  readonly logits?: boolean;
  /** On the way to the layer. */
  readonly tap?: LayerTap;
}

export interface NamedWeight {
  readonly name: string;
  readonly tensor: tf.Tensor;
}

/** The layer that turns tokens into vectors, and what comes behind it. */
export interface Embedding {
  readonly layer: string;
  /** Takes vectors. It shares the network's weights, and goes with it. */
  readonly model: Model;
  /** @param inputs [batch, …] tokens @returns their vectors, which the caller owns */
  embed(inputs: tf.Tensor): tf.Tensor;
}

/** A {@link Model} of images: RGB (or grey), NHWC. */
export interface VisionModel extends Model {
  /** [height, width, channels] of one image. */
  readonly inputShape: readonly [number, number, number];
  /** @param images [batch, height, width, channels] in `bounds` @returns [batch, units] */
  logits(images: tf.Tensor, tap?: LayerTap): tf.Tensor2D;
  targetLogits?(images: tf.Tensor, rows: tf.Tensor2D): tf.Tensor1D;
  probabilities(images: tf.Tensor): tf.Tensor2D;
  predict(images: ImageInput, options?: PredictOptions): Promise<Prediction[][]>;
  activations(images: tf.Tensor, layer: string, options?: ActivationOptions): tf.Tensor;
}

/**
 * One image [height, width, channels] or a batch [batch, height, width, channels]; float32 in the model's `bounds`. What
 * TensorFlow.js gives is often a tensor whose rank TypeScript does not know: it is looked at when the function runs.
 */
export type ImageInput = tf.Tensor;

/**
 * What a method takes: inputs with or without the batch; for a network of several inputs a list, one tensor for each.
 */
export type Inputs = tf.Tensor | readonly tf.Tensor[];

/** The type of what a method returns in the shape of its inputs. */
export type Values<M extends Model> = M extends VisionModel ? tf.Tensor4D : tf.Tensor;
