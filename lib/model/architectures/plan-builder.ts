import * as tf from "@tensorflow/tfjs";
import type { Step } from "../step-plan";
import type { LocalLayers } from "../vision-model";
import type { Kernel, WeightSource } from "./weight-source";

/** One step of a network written here. */
export interface NetworkStep extends Step {
  /** Layer type, for people. */
  readonly kind: string;
  apply(inputs: readonly tf.Tensor[]): tf.Tensor;
}

/** A value in a network being built: its number, and how many channels it has. */
export interface Slot {
  readonly slot: number;
  readonly channels: number;
}

/** A network's last steps for one class of each image alone, where that takes much less than all classes. */
export interface ClassReadout {
  /** The step whose output it begins with. */
  readonly after: string;
  /** Differentiable. @param oneHot [batch, classes], or [1, classes] for all @returns [batch] */
  logit(x: tf.Tensor, oneHot: tf.Tensor2D): tf.Tensor1D;
}

/** How local a network's first layers are, up to one of them; see {@link LocalLayers}. */
export interface Locality extends Pick<LocalLayers, "stride" | "reach" | "margin"> {
  readonly layer: string;
}

interface ConvolutionOptions {
  /** Side of the window, pixels. */
  size: number;
  /** Default: 1. */
  stride?: number;
  /** Zeros around the image, pixels on each side. Default: what keeps the size at stride 1. */
  padding?: number;
  /** Default: true. */
  relu?: boolean;
  /** The kernel was trained on BGR. Default: false. */
  reversed?: boolean;
}

/** Writes a network down step by step, taking its weights on the way. */
export class PlanBuilder {
  readonly steps: NetworkStep[] = [];
  readonly image: Slot;
  /** Default: all logits are computed. */
  readout?: ClassReadout;
  /** Default: nothing is said. */
  locality?: Locality;
  private slots = 1;

  constructor(
    readonly weights: WeightSource,
    channels = 3,
  ) {
    this.image = { slot: 0, channels };
  }

  add(name: string, kind: string, inputs: readonly Slot[], channels: number, apply: NetworkStep["apply"]): Slot {
    const slot = this.slots++;
    this.steps.push({ name, kind, inputs: inputs.map((input) => input.slot), outputs: [slot], apply });
    return { slot, channels };
  }

  /** A convolution with its bias and, unless told otherwise, its ReLU: the layer's activation as papers speak of it. */
  convolution(name: string, input: Slot, options: ConvolutionOptions): Slot {
    return this.convolve(
      name,
      input,
      this.weights.convolution(name, options.size, input.channels, options.reversed),
      options,
    );
  }

  private convolve(
    name: string,
    input: Slot,
    { kernel, bias, filters }: Kernel<tf.Tensor4D>,
    { size, stride = 1, padding = (size - 1) / 2, relu = true }: ConvolutionOptions,
  ): Slot {
    const same = stride === 1 && padding === (size - 1) / 2;
    return this.add(name, "Conv2D", [input], filters, ([x]) => {
      // The native backend differentiates no convolution with padding given as numbers.
      const padded =
        same || padding === 0
          ? x
          : tf.pad(x, [
              [0, 0],
              [padding, padding],
              [padding, padding],
              [0, 0],
            ]);
      return tf.fused.conv2d({
        x: padded as tf.Tensor4D,
        filter: kernel,
        strides: stride,
        pad: same ? "same" : "valid",
        bias,
        activation: relu ? "relu" : "linear",
      });
    });
  }

  maxPool(name: string, input: Slot, size: number, stride: number): Slot {
    return this.add(name, "MaxPooling2D", [input], input.channels, ([x]) =>
      maxPoolCeil(x as tf.Tensor4D, size, stride),
    );
  }

  /** Channels side by side. */
  concat(name: string, kind: string, inputs: readonly Slot[]): Slot {
    return this.add(
      name,
      kind,
      inputs,
      inputs.reduce((sum, { channels }) => sum + channels, 0),
      (parts) => tf.concat([...parts], 3),
    );
  }

  /**
   * The last convolution, 1×1 with its ReLU, and the mean over height and width: a channel for each class. SqueezeNet
   * spends a quarter of its multiplications here, and a gradient of one class's logit needs only that one's.
   */
  classMaps(name: string, pool: string, input: Slot, after: string): Slot {
    const { kernel, bias } = this.weights.convolution(name, 1, input.channels);
    this.readout = {
      after,
      logit: (x, oneHot) => {
        const own = tf.matMul(oneHot, tf.reshape(kernel, [input.channels, -1]) as tf.Tensor2D, false, true);
        const map = tf.sum(tf.mul(x, tf.reshape(own, [-1, 1, 1, input.channels])), 3, true);
        const offset = tf.reshape(tf.matMul(oneHot, tf.reshape(bias, [-1, 1]) as tf.Tensor2D), [-1, 1, 1, 1]);
        return tf.reshape(tf.mean(tf.relu(tf.add(map, offset)), [1, 2]), [-1]) as tf.Tensor1D;
      },
    };
    return this.globalAveragePool(
      pool,
      this.convolve(name, input, { kernel, bias, filters: kernel.shape[3] }, { size: 1 }),
    );
  }

  /** Mean over height and width: [batch, channels]. */
  globalAveragePool(name: string, input: Slot): Slot {
    return this.add(name, "GlobalAveragePooling2D", [input], input.channels, ([x]) => tf.mean(x, [1, 2]));
  }

  /** @param input [batch, channels], or [batch, height, width, channels], which is flattened row by row */
  dense(
    name: string,
    input: Slot,
    options: { inputs?: number; relu?: boolean; rearrange?: (matrix: tf.Tensor2D) => tf.Tensor2D } = {},
  ): Slot {
    const { inputs = input.channels, relu = false, rearrange } = options;
    const { kernel, bias, filters } = this.weights.dense(name, inputs, rearrange);
    return this.add(name, "Dense", [input], filters, ([x]) => {
      const scores = tf.add(tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, kernel), bias);
      return relu ? tf.relu(scores) : scores;
    });
  }
}

/**
 * Max-pooling as Caffe and PyTorch's `ceil_mode` do it: a window that hangs over the lower or right edge counts too,
 * with what lies outside left out.
 * @param x [batch, height, width, channels]
 */
function maxPoolCeil(x: tf.Tensor4D, size: number, stride: number): tf.Tensor4D {
  const over = [x.shape[1], x.shape[2]].map((length) => overhang(length, size, stride));
  if (over.every((each) => each === 0)) return tf.maxPool(x, size, stride, "valid");
  // TensorFlow's own padding, where it comes to the same: nothing in front, and as much behind.
  const same = [x.shape[1], x.shape[2]].every(
    (length, axis) => samePadding(length, size, stride) === over[axis] && over[axis] <= 1,
  );
  if (same) return tf.maxPool(x, size, stride, "same");
  return tf.maxPool(
    tf.pad(
      x,
      [
        [0, 0],
        [0, over[0]],
        [0, over[1]],
        [0, 0],
      ],
      -3e38,
    ),
    size,
    stride,
    "valid",
  );
}

function overhang(length: number, size: number, stride: number): number {
  const outputs = Math.ceil((length - size) / stride) + 1;
  return Math.max(0, (outputs - 1) * stride + size - length);
}

const samePadding = (length: number, size: number, stride: number): number =>
  Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length);
