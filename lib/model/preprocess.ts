// What published networks were trained on, by name: the one list that the library and the command line read.

import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import { preprocessNames, type Normalization, type Preprocess, type PreprocessName } from "./network-options";
import { sizeOf } from "../core/chunks";

/** What networks trained on ImageNet with PyTorch take, per channel. */
export const imagenetNormalization: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export interface NamedPreprocess {
  /** Of channels in the order red, green, blue; of images in [0, 1]. */
  readonly normalize: Normalization;
  /** Blue comes first, after that. */
  readonly bgr?: boolean;
}

const minusOneToOne: NamedPreprocess = { normalize: { mean: [0.5], std: [0.5] } };

export const namedPreprocess: Readonly<Record<PreprocessName, NamedPreprocess>> = {
  imagenet: { normalize: imagenetNormalization },
  torchvision: { normalize: imagenetNormalization },
  mobilenet: minusOneToOne,
  "-1..1": minusOneToOne,
  "caffe-bgr": { normalize: { mean: [123.68, 116.779, 103.939].map((mean) => mean / 255), std: [1 / 255] }, bgr: true },
  none: { normalize: { mean: [0], std: [1] } },
};

/**
 * @param bounds as a caller gave them
 * @throws BadInputError if mean or std do not fit the channels, or a name is unknown or does not go with the bounds
 */
export function preprocessor(
  preprocess: Preprocess | undefined,
  channels: number,
  bounds: readonly [number, number] = [0, 1],
): (inputs: tf.Tensor) => tf.Tensor {
  if (!preprocess || preprocess === "none") return (inputs) => inputs;
  if (typeof preprocess === "function") return preprocess as (inputs: tf.Tensor) => tf.Tensor;
  if (typeof preprocess === "string") return byName(preprocess, channels, bounds);
  const { mean, std } = preprocess;
  for (const [what, values] of [
    ["preprocess.mean", mean],
    ["preprocess.std", std],
  ] as const) {
    const fits =
      Array.isArray(values) && (values.length === channels || values.length === 1) && values.every(Number.isFinite);
    if (!fits) badInput({ what, got: values, allowed: `${channels} finite numbers, one per channel` });
  }
  if (std.includes(0)) badInput({ what: "preprocess.std", got: std, allowed: "numbers other than 0" });
  return (inputs) => tf.tidy(() => byChannel(byChannel(inputs, tf.sub, mean), tf.div, std));
}

function byName(
  name: PreprocessName,
  channels: number,
  [low, high]: readonly [number, number],
): (inputs: tf.Tensor) => tf.Tensor {
  if (!Object.hasOwn(namedPreprocess, name)) {
    badInput({
      what: "preprocess",
      got: name,
      allowed: `${preprocessNames.join(", ")}, or { mean, std }`,
      remedy: `Did you mean ${nearNames(name, preprocessNames, 1)[0]}?`,
    });
  }
  if (low !== 0 || high !== 1) {
    badInput({
      what: "bounds",
      got: [low, high],
      allowed: `[0, 1] with preprocess "${name}"`,
      remedy: "Of other bounds give { mean, std }.",
    });
  }
  const { normalize, bgr = false } = namedPreprocess[name];
  if (channels !== 3 && (bgr || normalize.mean.length === 3)) {
    badInput({
      what: "preprocess",
      got: name,
      allowed:
        `one for ${channels} channel${channels === 1 ? "" : "s"}: ` +
        `${preprocessNames.filter((each) => namedPreprocess[each].normalize.mean.length === 1).join(", ")}, or { ` +
        `mean, std }`,
    });
  }
  const normalized = preprocessor(normalize, channels);
  // Split and put together: that is a graph on every backend. TensorFlow.js's gradient keeps the list of parts, which
  // must not be reversed in place.
  return bgr
    ? (inputs) => tf.tidy(() => tf.concat([...tf.split(normalized(inputs), 3, -1)].reverse(), -1))
    : normalized;
}

/**
 * inputs ∘ values, one for each channel (or one for all). Row by row: native backends take several times as long to
 * spread three values over pixels as a row over rows. The result is the same.
 * @param inputs [batch, …, channels]
 */
export function byChannel<T extends tf.Tensor>(
  inputs: T,
  operation: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  values: readonly number[],
): T {
  const last = sizeOf(inputs.shape.slice(Math.max(1, inputs.rank - 2)));
  const row = tf.tensor1d(Float32Array.from({ length: last }, (_, i) => values[i % values.length]));
  return tf.reshape(operation(tf.reshape(inputs, [-1, last]), row), inputs.shape) as T;
}

/**
 * The space (image − mean) / std that recipes for a network are published in; of networks that take other values than
 * these, ImageNet's.
 */
export function normalizationOf(preprocess: Preprocess | undefined): Normalization | undefined {
  if (typeof preprocess === "object") return preprocess;
  if (typeof preprocess !== "string" || preprocess === "none") return undefined;
  return namedPreprocess[preprocess].bgr ? namedPreprocess.imagenet.normalize : namedPreprocess[preprocess].normalize;
}
