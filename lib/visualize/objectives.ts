// What can be made large, and sums of it.

import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import type { VisionModel } from "../model/vision-model";
import { type Demands, type ReadyTerm, type Seen, type Term, checkedLayer } from "./term";
import { type Target, resolveTarget } from "../model/target";
import { checkInteger } from "../core/options";
import { checkOneRow, targetRows } from "../model/outputs";
import { sizeOf } from "../core/chunks";

/** What is to become large; {@link objectives} makes them. Objectives add, subtract and scale. */
export class Objective implements Term {
  /**
   * @param targets one for each image that the objective is for; undefined: one for any number of images
   * @param make see {@link Term.prepare}
   */
  constructor(
    readonly name: string,
    readonly demands: Demands,
    readonly targets: readonly unknown[] | undefined,
    private readonly make: (model: VisionModel, images: number) => ReadyTerm,
  ) {}

  /** How many images the objective is for; undefined: any number. */
  get count(): number | undefined {
    return this.targets?.length;
  }

  plus(other: Objective): Objective {
    return this.with(other, "+", 1);
  }

  minus(other: Objective): Objective {
    return this.with(other, "−", -1);
  }

  /** @param factor finite */
  times(factor: number): Objective {
    if (!Number.isFinite(factor)) badInput({ what: "factor", got: factor, allowed: "a finite number" });
    return new Objective(`${factor} × ${this.name}`, this.demands, this.targets, (model, images) =>
      scaled(this.prepare(model, images), factor),
    );
  }

  prepare(model: VisionModel, images: number): ReadyTerm {
    if (this.count !== undefined && this.count !== images)
      badInput({ what: "images", got: images, allowed: `${this.count}, one for each target of ${this.name}` });
    return this.make(model, images);
  }

  private with(other: Objective, sign: string, factor: number): Objective {
    if (!(other instanceof Objective))
      badInput({ what: "the other objective", got: other, allowed: "an objective, for instance objectives.logit(3)" });
    if (this.count !== undefined && other.count !== undefined && this.count !== other.count) {
      badInput({
        what: `the number of targets of ${other.name}`,
        got: other.count,
        allowed: `${this.count}, as many as ${this.name} has`,
      });
    }
    const demands = {
      logits: this.demands.logits || other.demands.logits,
      layers: [...new Set([...this.demands.layers, ...other.demands.layers])],
    };
    const [one, two] = [this.targets, other.targets];
    const targets = one && two ? one.map((target, i) => [target, two[i]]) : (one ?? two);
    return new Objective(`${this.name} ${sign} ${other.name}`, demands, targets, (model, images) => {
      const [first, second] = ready([
        () => this.prepare(model, images),
        () => scaled(other.prepare(model, images), factor),
      ]);
      const { length } = first.inputs;
      const value = (seen: Seen, inputs: readonly tf.Tensor[]): tf.Tensor1D =>
        tf.add(first.value(seen, inputs.slice(0, length)), second.value(seen, inputs.slice(length)));
      return { inputs: [...first.inputs, ...second.inputs], value };
    });
  }
}

function scaled(term: ReadyTerm, factor: number): ReadyTerm {
  return {
    inputs: [...term.inputs, tf.scalar(factor)],
    value: (seen, inputs) => tf.mul(term.value(seen, inputs.slice(0, -1)), inputs[inputs.length - 1]),
  };
}

/** Prepares several terms; where one is refused, the tensors of those before it are freed. */
export function ready(terms: readonly (() => ReadyTerm)[]): ReadyTerm[] {
  const made: ReadyTerm[] = [];
  try {
    for (const term of terms) made.push(term());
    return made;
  } catch (error) {
    made.forEach(({ inputs }) => tf.dispose([...inputs]));
    throw error;
  }
}

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
  return tf.reshape(activations, [shape[0], sizeOf(shape.slice(1, -1)), shape[shape.length - 1]]);
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
  const rows = new Float32Array(each.length * channels);
  each.forEach((index, image) => (rows[image * channels + index] = 1));
  return tf.tensor2d(rows, [each.length, channels]);
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
  const mask = new Float32Array(sizeOf(sides));
  mask[index] = 1;
  return tf.tensor2d(mask, [mask.length, 1]);
}
