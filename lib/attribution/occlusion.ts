import * as tf from "@tensorflow/tfjs";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import type { Baseline } from "./baseline";
import { checkModel } from "./check-options";
import { explain, type AttributionSteps, type Block } from "./explain";
import { LocalOcclusion } from "./local-occlusion";
import { checkStride, checkWindow, SlidingWindow, type WindowSize } from "./sliding-window";
import { targetLogit } from "./target-logit";

export interface OcclusionOptions extends AttributionOptions {
  /** Size of the window, in pixels: its side, [height, width], or [height, width, channels]. Default: all channels together. */
  window: WindowSize;
  /**
   * How far the window moves each time, in pixels: one number for every direction, [height, width], or
   * [height, width, channels]. At most the window's own size.
   */
  stride: WindowSize;
  /** What the window is filled with: a pixel value, an image, or one per image, in the model's bounds. Default: 0. */
  baseline?: Baseline;
}

/**
 * Occlusion: how much the target's logit falls when a window is covered (Zeiler & Fergus 2014, "Visualizing and
 * Understanding Convolutional Networks", arXiv:1311.2901). The window slides from the upper left corner until it
 * reaches the other edges, where the part of it that sticks out is cut off; a value that several windows cover gets
 * the mean of their falls.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], in logits: positive where covering lowers the logit
 * @throws BadInputError, InterruptedError
 */
export async function occlusion(model: VisionModel, images: ImageInput, options: OcclusionOptions): Promise<Attribution<OcclusionOptions>> {
  return explain(model, images, occlusionSteps(model, options));
}

/** Occlusion as steps, also for methods that build on it. @throws BadInputError */
export function occlusionSteps(model: VisionModel, options: OcclusionOptions): AttributionSteps<OcclusionOptions> {
  checkModel(model);
  const { inputShape } = model;
  const { baseline = 0 } = options ?? {};
  const window = checkWindow(options?.window, inputShape);
  const stride = checkStride(options.stride, window, inputShape);
  const windows = new SlidingWindow(window, stride, inputShape);
  const local = LocalOcclusion.of(model, windows);
  return {
    method: "occlusion",
    form: local ? "occlusion by crops" : "occlusion",
    options: { ...options, window, stride, baseline },
    passes: windows.count,
    baseline,
    reference: ({ images, oneHot }) => targetLogit(model, images, oneHot),
    passInputs: (run) => [...windows.masks(run).map((rows, axis) => tf.tensor2d(rows, [run.count, inputShape[axis]])), ...(local?.passInputs(run) ?? [])],
    step: (block, [rows, columns, channels, ...crops]) => {
      const masks = [rows, columns, channels];
      return falls(block, masks, local ? local.logits(block, crops) : occludedLogits(model, block, product(masks)));
    },
    finish: (sum) => ({ values: tf.div(sum, product(windows.coverage().map((row) => tf.tensor2d(row, [1, row.length])))) }),
  };
}

/** Each image under each window of a run, whole. @param covered [run, height, width, channels] @returns the targets' logits [run, block] */
function occludedLogits(model: VisionModel, { images, baseline, oneHot }: Block, covered: tf.Tensor4D): tf.Tensor2D {
  const [block, ...image] = images.shape, [run] = covered.shape;
  const mask = tf.reshape(covered, [run, 1, -1]);
  const seen = tf.mul(tf.reshape(images, [1, block, -1]), tf.sub(1, mask));
  const occluded = tf.add(seen, tf.mul(tf.reshape(baseline, [1, block, -1]), mask));
  const logits = targetLogit(model, tf.reshape(occluded, [run * block, ...image] as [number, number, number, number]), tf.tile(oneHot, [run, 1]));
  return tf.reshape(logits, [run, block]);
}

/**
 * Σ over a run of windows of the window × the fall of the logit when it is covered: windows are products of their rows and columns, and the
 * sum of such products is one of matrices.
 * @param masks [run, height], [run, width], [run, channels]
 * @param logits [run, block]
 */
function falls({ images, reference }: Block, [rows, columns, channels]: readonly tf.Tensor[], logits: tf.Tensor2D): tf.Tensor4D {
  const [run, block] = logits.shape, fall = tf.sub(tf.reshape(reference!, [1, -1]), logits);
  const left = tf.reshape(tf.mul(tf.reshape(fall, [run, block, 1]), tf.reshape(rows, [run, 1, -1])), [run, -1]) as tf.Tensor2D;
  const right = tf.reshape(tf.mul(tf.reshape(columns, [run, -1, 1]), tf.reshape(channels, [run, 1, -1])), [run, -1]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(left, right, true), images.shape);
}

/** @param rows [n, height], [n, width], [n, channels] @returns their products [n, height, width, channels] */
function product([height, width, channels]: readonly tf.Tensor[]): tf.Tensor4D {
  const n = height.shape[0];
  return tf.mul(tf.mul(tf.reshape(height, [n, -1, 1, 1]), tf.reshape(width, [n, 1, -1, 1])), tf.reshape(channels, [n, 1, 1, -1]));
}
