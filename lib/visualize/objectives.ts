import * as tf from "@tensorflow/tfjs";
import type { Target } from "../model/target";
import { checkInteger } from "../core/check-options";
import { oneHotRows } from "../core/tensors";
import { badInput } from "../core/errors";
import { checkOneRow, targetRows } from "../model/outputs";
import { resolveTarget } from "../model/resolve-target";
import type { VisionModel } from "../model/vision-model";
import { checkedLayer } from "./forward";
import { Objective } from "./objective";
import type { Seen } from "./term";

/** Where a neuron is in its layer: [row, column], or the number of a token. */
export type Place = number | readonly [number, number];

/** The logit of a class, or of one class for each image. */
export function logit(target: Target): Objective {
  const each = Array.isArray(target) ? (target as readonly unknown[]) : undefined;
  return new Objective(`logit of ${String(target)}`, { logits: true, layers: [] }, each, (model, images) => ({
    inputs: [targetRows(model, resolveTarget(target, model.classNames, images))],
    value: ({ logits }, [oneHot]) => tf.sum(tf.mul(checkOneRow(model, logits!), oneHot), 1),
  }));
}

/**
 * A channel of a layer, its mean over all places (Olah, Mordvintsev & Schubert 2017, "Feature Visualization",
 * doi:10.23915/distill.00007).
 * @param channel its number, or one for each image
 */
export function channel(layer: string, channel: number | readonly number[]): Objective {
  return onLayer(`channel ${String(channel)} of ${layer}`, layer, channel, (model, images) => ({
    inputs: [channelRows(model, layer, channel, images)],
    value: (seen, [oneHot]) => tf.sum(tf.mul(overPlaces(seen.layers[layer]), oneHot), 1),
  }));
}

/**
 * One neuron: a channel at one place.
 * @param channel its number, or one for each image
 * @param place [row, column] in the layer, or the number of a token. Default: the middle.
 */
export function neuron(layer: string, channel: number | readonly number[], place?: Place): Objective {
  return onLayer(`neuron ${String(channel)} of ${layer}`, layer, channel, (model, images) => {
    const at = placeMask(model, layer, place);
    return {
      inputs: [channelRows(model, layer, channel, images), at],
      value: (seen, [oneHot, mask]) =>
        tf.sum(tf.mul(tf.sum(tf.mul(flatPlaces(seen.layers[layer]), mask), 1), oneHot), 1),
    };
  });
}

/**
 * The activations of a layer in a direction among its channels, mean over all places.
 * @param vector one number for each channel, or such a vector for each image; taken at unit length
 */
export function direction(layer: string, vector: readonly number[] | readonly (readonly number[])[]): Objective {
  const many = Array.isArray(vector[0]);
  return onLayer(
    `a direction of ${layer}`,
    layer,
    many ? (vector as readonly (readonly number[])[]) : 0,
    (model, images) => {
      const channels = checkedLayer(model, layer).outputShape.at(-1) ?? 1;
      const rows = (many ? vector : Array.from({ length: images }, () => vector)) as readonly (readonly number[])[];
      const unit = rows.map((row) => {
        const length = Math.hypot(...row);
        if (row.length !== channels || !(length > 0 && length < Infinity))
          badInput({
            what: "vector",
            got: row,
            allowed: `${channels} finite numbers, one for each channel of ${layer}, not all 0`,
          });
        return row.map((value) => value / length);
      });
      return {
        inputs: [tf.tensor2d(unit)],
        value: (seen, [rows]) => tf.sum(tf.mul(overPlaces(seen.layers[layer]), rows), 1),
      };
    },
  );
}

/**
 * Whatever a layer responds with, more of it: the mean of its squared activations (Mordvintsev, Olah & Tyka 2015,
 * "Inceptionism: Going Deeper into Neural Networks").
 */
export function deepDream(layer: string): Objective {
  return onLayer(`deep dream of ${layer}`, layer, 0, (model) => {
    checkedLayer(model, layer);
    return { inputs: [], value: (seen: Seen) => tf.mean(tf.square(flat(seen.layers[layer])), 1) };
  });
}

function onLayer(
  name: string,
  layer: string,
  perImage: unknown,
  make: ConstructorParameters<typeof Objective>[3],
): Objective {
  return new Objective(
    name,
    { logits: false, layers: [layer] },
    Array.isArray(perImage) ? (perImage as readonly unknown[]) : undefined,
    make,
  );
}

/** [images, places, channels]; a layer without places has one. */
function flatPlaces(activations: tf.Tensor): tf.Tensor3D {
  const { shape } = activations;
  return tf.reshape(activations, [shape[0], shape.slice(1, -1).reduce((a, b) => a * b, 1), shape[shape.length - 1]]);
}

const flat = (activations: tf.Tensor): tf.Tensor2D => tf.reshape(activations, [activations.shape[0], -1]);
const overPlaces = (activations: tf.Tensor): tf.Tensor2D => tf.mean(flatPlaces(activations), 1);

function channelRows(
  model: VisionModel,
  layer: string,
  channel: number | readonly number[],
  images: number,
): tf.Tensor2D {
  const channels = checkedLayer(model, layer).outputShape.at(-1) ?? 1;
  const each = Array.isArray(channel)
    ? (channel as readonly number[])
    : new Array<number>(images).fill(channel as number);
  each.forEach((index) => checkInteger(`channel of ${layer}`, index, 0, channels - 1));
  return oneHotRows(each, channels);
}

/** 1 at the place. [places, 1] */
function placeMask(model: VisionModel, layer: string, place: Place | undefined): tf.Tensor2D {
  const sides = checkedLayer(model, layer).outputShape.slice(0, -1);
  const at =
    place === undefined ? sides.map((side) => Math.floor(side / 2)) : typeof place === "number" ? [place] : [...place];
  const fits =
    at.length === sides.length &&
    at.every((index, axis) => Number.isInteger(index) && index >= 0 && index < sides[axis]);
  if (!fits)
    badInput({
      what: "place",
      got: place,
      allowed:
        sides.length === 0
          ? `nothing: ${layer} has no places`
          : `a place in ${layer}, whose places are [${sides.join(", ")}]`,
    });
  const index = at.reduce((sum, value, axis) => sum * sides[axis] + value, 0);
  const mask = new Float32Array(sides.reduce((a, b) => a * b, 1));
  mask[index] = 1;
  return tf.tensor2d(mask, [mask.length, 1]);
}
