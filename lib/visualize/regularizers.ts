// What images should have little of: of one image, between several, and in another network's eyes.

import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions, number, type Schema, text, other } from "../core/options";
import type { VisionModel } from "../model/vision-model";
import { blurMatrix, blurred } from "../core/gaussian-blur";
import { type ReadyTerm, type Seen, type Term, checkedLayer } from "./term";
import { type ClassRef, classIndex } from "../model/target";
import { checkModel, checkTakesImages } from "../model/checks";
import { checkClasses, logProbability, targetRows } from "../model/outputs";

/** Something that images should have little of: its value times a weight is taken off the objective. */
export type Regularizer = Term;

/**
 * ‖x‖² of x = (image − mean)/std in the model's normalised space: the λ‖x‖² of {@link classVisualization}. @param
 * weight λ ≥ 0
 */
export function l2(weight: number): Regularizer {
  return onImages("L2", weight, (model) => normalizer(model, (x) => tf.sum(tf.square(x), [1, 2, 3])));
}

/** Σ|x| of the same x. @param weight ≥ 0 */
export function l1(weight: number): Regularizer {
  return onImages("L1", weight, (model) => normalizer(model, (x) => tf.sum(tf.abs(x), [1, 2, 3])));
}

/**
 * Total variation: the absolute differences between neighbouring pixels, added up (Mahendran & Vedaldi 2015,
 * "Understanding Deep Image Representations by Inverting Them", arXiv:1412.0035). @param weight ≥ 0
 */
export function totalVariation(weight: number): Regularizer {
  return onImages("total variation", weight, () => ({
    inputs: [],
    value: ({ images }) => {
      const [count, height, width, channels] = images.shape;
      const steps = (axis: 1 | 2): tf.Tensor => {
        const size = axis === 1 ? [count, height - 1, width, channels] : [count, height, width - 1, channels];
        const first = tf.slice(images, [0, 0, 0, 0], size),
          second = tf.slice(images, axis === 1 ? [0, 1, 0, 0] : [0, 0, 1, 0], size);
        return tf.sum(tf.abs(tf.sub(second, first)), [1, 2, 3]);
      };
      return tf.add(steps(1), steps(2));
    },
  }));
}

interface BlurOptions {
  /** Of the blur, in pixels. Number above 0. Default: 1. */
  sigma?: number;
}

export const blurOptions = {
  sigma: number({ above: 0, default: 1, unit: "pixels", help: "width of the blur" }),
} satisfies Schema<BlurOptions>;

/**
 * Half the squared distance between the image and its own blur, the blur taken as fixed: its gradient is what a blur
 * takes away. @param weight ≥ 0
 */
export function blur(weight: number, options: BlurOptions = {}): Regularizer {
  const { sigma } = checkOptions(blurOptions, options);
  return onImages("blur", weight, ({ inputShape: [height, width] }) => ({
    inputs: [blurMatrix(height, sigma), blurMatrix(width, sigma)],
    value: ({ images }, [rows, columns]) => {
      const fixed = tf.customGrad((x) => ({
        value: blurred(x as tf.Tensor4D, rows as tf.Tensor2D, columns as tf.Tensor2D),
        gradFunc: (dy) => tf.zerosLike(dy as tf.Tensor),
      }))(images);
      return tf.mul(0.5, tf.sum(tf.square(tf.sub(images, fixed)), [1, 2, 3]));
    },
  }));
}

function normalizer({ normalization, inputShape }: VisionModel, penalty: (x: tf.Tensor) => tf.Tensor): ReadyTerm {
  const each = (values: readonly number[]): tf.Tensor1D =>
    tf.tensor1d(Array.from({ length: inputShape[2] }, (_, c) => values[c % values.length]));
  return {
    inputs: [each(normalization?.mean ?? [0]), each(normalization?.std ?? [1])],
    value: ({ images }, [mean, std]) => penalty(tf.div(tf.sub(images, mean), std)) as tf.Tensor1D,
  };
}

function onImages(name: string, weight: number, make: (model: VisionModel, images: number) => ReadyTerm): Regularizer {
  return weighted({ name, demands: { logits: false, layers: [] }, prepare: make }, weight);
}

/** @throws BadInputError for a weight below 0 */
function weighted(term: Term, weight: number): Regularizer {
  if (!(weight >= 0 && weight < Infinity))
    badInput({ what: `the weight of ${term.name}`, got: weight, allowed: "a number ≥ 0" });
  return {
    ...term,
    prepare(model, images) {
      const { inputs, value } = term.prepare(model, images);
      return {
        inputs: [...inputs, tf.scalar(weight)],
        value: (seen: Seen, all) => tf.mul(value(seen, all.slice(0, -1)), all[all.length - 1]),
      };
    },
  };
}

interface AlignmentOptions {
  /** A layer whose activations are compared. Default: the images themselves. */
  layer?: string;
}

export const alignmentOptions = {
  layer: text({ rule: "the images themselves", help: "a layer whose activations are compared" }),
} satisfies Schema<AlignmentOptions>;

/**
 * Squared distance of each image (or of its activations in a layer) from those before and after it, mean over all
 * values: a series of images then changes gradually. @param weight ≥ 0
 */
export function alignment(weight: number, options: AlignmentOptions = {}): Regularizer {
  const { layer } = checkOptions(alignmentOptions, options);
  return weighted(
    {
      name: "alignment",
      demands: { logits: false, layers: layer === undefined ? [] : [layer] },
      prepare(model, images) {
        several("alignment", images);
        if (layer !== undefined) checkedLayer(model, layer);
        return {
          inputs: [],
          value: ({ images, layers }) => {
            const all = rows(layer === undefined ? images : layers[layer]),
              [count, size] = all.shape;
            const gaps = tf.mean(
              tf.square(tf.sub(tf.slice(all, [1, 0], [count - 1, size]), tf.slice(all, [0, 0], [count - 1, size]))),
              1,
            ) as tf.Tensor1D;
            // Each gap is half of either neighbour's.
            return tf.mul(0.5, tf.add(tf.pad(gaps, [[1, 0]]), tf.pad(gaps, [[0, 1]])));
          },
        };
      },
    },
    weight,
  );
}

/**
 * How alike the images are in a layer: the mean cosine between an image's Gram matrix (which channels are active
 * together) and the others'. Taken off, it makes several images of one objective differ (Olah et al. 2017,
 * doi:10.23915/distill.00007).
 * @param weight ≥ 0
 */
export function diversity(weight: number, layer: string): Regularizer {
  return weighted(
    {
      name: "diversity",
      demands: { logits: false, layers: [layer] },
      prepare(model, images) {
        several("diversity", images);
        checkedLayer(model, layer);
        const others = tf.tidy(() => tf.div(tf.sub(1, tf.eye(images)), images - 1));
        return {
          inputs: [others],
          value: ({ layers }, [others]) => tf.sum(tf.mul(cosines(rows(gram(layers[layer]))), others), 1),
        };
      },
    },
    weight,
  );
}

const rows = (values: tf.Tensor): tf.Tensor2D => tf.reshape(values, [values.shape[0], -1]);

/** [images, channels, channels] */
function gram(activations: tf.Tensor): tf.Tensor {
  const { shape } = activations;
  const places = tf.reshape(activations, [shape[0], -1, shape[shape.length - 1]]);
  return tf.matMul(places, places, true, false);
}

/** Between every two rows. */
function cosines(values: tf.Tensor2D): tf.Tensor2D {
  const unit = tf.div<tf.Tensor2D>(values, tf.sqrt(tf.add(tf.sum(tf.square(values), 1, true), 1e-12)));
  return tf.matMul(unit, unit, false, true);
}

function several(name: string, images: number): void {
  if (images < 2)
    badInput({
      what: "images",
      got: images,
      allowed: `2 or more with ${name}`,
      remedy: "Give maximize the option images, or an objective with several targets.",
    });
}

export interface CriticOptions {
  /** What the other network should take the images for: a name or an index. Default: "photograph". */
  target?: ClassRef;
}

export const criticOptions = {
  target: other<ClassRef>("a class by index or name", {
    rule: '"photograph"',
    help: "what the other network should take the images for",
  }),
} satisfies Schema<CriticOptions>;

/**
 * What another network has against the images: −log of its probability for a class, in nats. With one that tells
 * photographs from visualizations it is a discriminator's loss (Goodfellow et al. 2014, "Generative Adversarial
 * Networks", arXiv:1406.2661), here of images and not of a generator. It sees them as the network does that they are
 * made for, after the transforms; brought to its own size by averaging where that is a whole fraction of theirs, else
 * bilinearly.
 * @param weight in units of the objective for a nat, ≥ 0
 * @param network a classifier of images with as many channels; the caller owns it
 * @throws BadInputError
 * @example regularizers: [regularizers.critic(2, await loadModel("critic"))]
 */
export function critic(weight: number, network: VisionModel, options: CriticOptions = {}): Regularizer {
  const { target = "photograph" } = checkOptions(criticOptions, options);
  checkModel(network);
  checkTakesImages(network, "a critic");
  checkClasses(network, "a critic");
  const index = classIndex(target, network.classNames),
    [height, width, channels] = network.inputShape;
  return weighted(
    {
      name: `critic ${network.name}`,
      demands: { logits: false, layers: [] },
      pure: network.pure === true,
      prepare(model, images) {
        if (model.inputShape[2] !== channels) {
          badInput({
            what: `the channels of ${network.name}`,
            got: channels,
            allowed: `${model.inputShape[2]}, as many as ${model.name} has`,
            remedy: "Give another critic.",
          });
        }
        const rows = targetRows(network, new Array<number>(images).fill(index));
        return {
          inputs: [rows],
          value: ({ shown }, [each]) =>
            tf.neg(logProbability(network, network.logits(resized(shown, height, width)), each as tf.Tensor2D)),
        };
      },
    },
    weight,
  );
}

function resized(images: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, rows, columns] = images.shape;
  if (rows === height && columns === width) return images;
  if (rows % height === 0 && columns % width === 0)
    return tf.avgPool(images, [rows / height, columns / width], [rows / height, columns / width], "valid");
  return tf.image.resizeBilinear(images, [height, width]);
}
