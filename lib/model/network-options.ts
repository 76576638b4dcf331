// What is said of a network, whatever it was made from. Nothing of TensorFlow.js is loaded here: the command line's
// --help reads it.
import type * as tf from "@tensorflow/tfjs";
import { oneOf, orElse, other, texts, type Schema } from "../core/options";

export const outputKinds = ["softmax", "sigmoid", "linear"] as const;
/**
 * `softmax`: one class of several. `sigmoid`: labels, each of which is there or not; a single unit tells two classes
 * apart. `linear`: numbers, as a regression gives them.
 */
export type OutputKind = (typeof outputKinds)[number];

export const preprocessNames = ["imagenet", "torchvision", "mobilenet", "-1..1", "caffe-bgr", "none"] as const;
/**
 * Preprocessing of images in [0, 1] that has a name. `imagenet` (or `torchvision`): ImageNet's mean and deviation.
 * `mobilenet` (or `-1..1`): to [-1, 1], as MobileNet, Inception, Xception, NASNet and ResNetV2 of Keras. `caffe-bgr`:
 * up to 255 less the mean, blue first, as VGG and ResNet of Keras. `none`: as they are.
 */
export type PreprocessName = (typeof preprocessNames)[number];

/** (input − mean) / std, per channel: along the input's last axis. */
export interface Normalization {
  /** One per channel (or one for all), in units of the input's bounds. */
  mean: readonly number[];
  /** One per channel (or one for all), in units of the input's bounds; none 0. */
  std: readonly number[];
}

/**
 * What a network wants done to its inputs before its first layer. A function must be pure and differentiable, and keep
 * the batch: [batch, …] in bounds → [batch, …]; images come as [batch, height, width, channels].
 */
export type Preprocess = Normalization | PreprocessName | ((inputs: tf.Tensor4D) => tf.Tensor);

/** What every adapter for a network of TensorFlow.js takes. */
export interface NetworkOptions {
  /**
   * One name per output, in the order of the outputs; for a single sigmoid unit what it says no to and what it says yes
   * to, or only the latter. Default: `class 0`, `class 1`, …; of linear outputs `output 0`, …
   */
  classNames?: readonly string[];
  /** What the network wants done to its inputs before its first layer. Default: nothing. */
  preprocess?: Preprocess;
  /** The range of values that callers give, before `preprocess`. Default: [0, 1] for images, none for other inputs. */
  bounds?: readonly [number, number];
  /**
   * Of one input, for instance [height, width, channels]; needed only where the network takes any size. Default: the
   * network's own.
   */
  inputShape?: readonly number[];
  /**
   * What the outputs are. Default: what the last layers tell; without any activation one output is `linear`, several
   * are logits (`softmax`).
   */
  output?: OutputKind;
  /** Which of several outputs is meant: its name or index. Default: the only one. */
  head?: string | number;
}

const isObjectOrFunction = (value: unknown): boolean =>
  typeof value === "function" || (typeof value === "object" && value !== null);
const isPair = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value[0] < value[1];

export const networkOptions = {
  classNames: texts({ rule: "class 0, class 1, …; of linear outputs output 0, …", help: "one name per output" }),
  preprocess: oneOf(preprocessNames, {
    or: orElse<Exclude<Preprocess, PreprocessName>>("{ mean, std }, or a function", isObjectOrFunction),
    rule: "nothing",
    help: "what the network wants done to its inputs before its first layer",
  }),
  bounds: other<readonly [number, number]>("[low, high] with low below high", {
    is: isPair,
    rule: "[0, 1] for images, none for other inputs",
    help: "the range of values that callers give, before preprocess",
  }),
  inputShape: other<readonly number[]>("the sides of one input, such as [height, width, channels]", {
    is: Array.isArray,
    rule: "the network's own",
    help: "of one input, where the network takes any size",
  }),
  output: oneOf(outputKinds, { rule: "what the last layers tell", help: "what the outputs are" }),
  head: other<string | number>("a name or an index", {
    is: (value) => typeof value === "string" || typeof value === "number",
    rule: "the only one",
    help: "which of several outputs is meant",
  }),
} satisfies Schema<NetworkOptions>;
