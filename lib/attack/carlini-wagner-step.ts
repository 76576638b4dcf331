import * as tf from "@tensorflow/tfjs";
import { adamDirection, nextMeans } from "../core/adam";
import { inputGradient } from "../backend/input-gradient";
import type { Model } from "../model/vision-model";
import { margin } from "./loss";
import { perInput, sizes } from "./norms";

/** What stays the same during one search. */
export interface Search {
  readonly model: Model;
  readonly inputs: tf.Tensor;
  /** The inputs in the space where every value is allowed: artanh of pixels scaled to (−1, 1). */
  readonly start: tf.Tensor;
  readonly rows: tf.Tensor2D;
  readonly targeted: boolean;
  /** How many logits beyond the boundary an image has to be. */
  readonly confidence: number;
  /** What the goal weighs against the distance, [batch]. */
  readonly weights: tf.Tensor1D;
}

/** All tensors; what Adam and the search carry from step to step. */
export type SearchState = {
  /** Change of `start`, and Adam's two means of its gradient. */
  delta: tf.Tensor;
  mean: tf.Tensor;
  meanSquare: tf.Tensor;
  /** The nearest fooled images so far, and how far from the images, [batch]; infinite where none is. */
  best: tf.Tensor;
  bestSize: tf.Tensor1D;
  /** 1 where this search has fooled the image, [batch]. */
  found: tf.Tensor1D;
  /** The loss of each image before this step, [batch]. */
  loss: tf.Tensor1D;
};

/** Pixels → the space where every value is allowed, kept a millionth away from infinity. */
export function toFreeSpace(inputs: tf.Tensor, [low, high]: readonly [number, number]): tf.Tensor {
  return tf.tidy(() => tf.atanh(tf.mul(tf.div(tf.sub(inputs, (low + high) / 2), (high - low) / 2), 0.999999)));
}

export function toPixels(free: tf.Tensor, [low, high]: readonly [number, number]): tf.Tensor {
  return tf.add(tf.mul(tf.tanh(free), (high - low) / 2), (low + high) / 2);
}

/**
 * One step of Adam on ‖pixels − image‖² + weight · max(0, margin + confidence).
 * @param active 1 where the image still moves, [batch]
 * @param corrections Adam's
 */
export function searchStep(
  search: Search,
  state: SearchState,
  active: tf.Tensor1D,
  corrections: readonly tf.Tensor[],
  rate: tf.Scalar,
): SearchState {
  const { model, inputs, start, rows, targeted, confidence, weights } = search;
  const reconstructed = toPixels(start, model.bounds);
  const terms = (delta: tf.Tensor) => {
    const pixels = toPixels(tf.add(start, delta), model.bounds);
    const away = tf.add(margin(model, model.logits(pixels), rows, targeted), confidence);
    const loss = tf.add(
      tf.mul(weights, tf.relu(away)),
      tf.sum(tf.reshape(tf.square(tf.sub(pixels, reconstructed)), [inputs.shape[0], -1]), 1),
    ) as tf.Tensor1D;
    return { pixels, away, loss };
  };
  const gradient = inputGradient((delta) => terms(delta).loss, state.delta);
  const { mean, square: meanSquare } = nextMeans({ mean: state.mean, square: state.meanSquare }, gradient);
  const step = tf.mul(rate, adamDirection({ mean, square: meanSquare }, corrections));

  const { pixels, away, loss } = terms(state.delta);
  const fooled = tf.mul(tf.cast(tf.less(away, 0), "float32"), active);
  const size = sizes(tf.sub(pixels, inputs), "l2");
  const better = tf.logicalAnd(tf.greater(fooled, 0), tf.less(size, state.bestSize));
  return {
    delta: tf.sub(state.delta, tf.mul(step, perInput(active, step))),
    mean,
    meanSquare,
    loss,
    best: tf.where(perInput(better, pixels), pixels, state.best),
    bestSize: tf.where(better, size, state.bestSize),
    found: tf.maximum(state.found, fooled),
  };
}
