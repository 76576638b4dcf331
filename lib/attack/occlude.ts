import * as tf from "@tensorflow/tfjs";
import { checkModel } from "../model/checks";
import { checkStride, checkWindow, SlidingWindow, type WindowSize } from "../core/sliding-window";
import { badInput } from "../core/errors";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, integer, integers, number, type Schema } from "../core/options";
import { attackOptions, type AttackOptions, type AttackResult } from "./attack";
import { margin } from "./norms";
import { runAttack, type AttackBlock, untilReached } from "./run-attack";

export interface OccludeOptions extends AttackOptions {
  /** The rectangle: its side, or [height, width], in pixels. (Of series, steps; of a row of features, features.) */
  window: WindowSize;
  /** How far apart the places are that are tried, in pixels; at most the window's own size. */
  stride: WindowSize;
  /** What the rectangle is filled with, in the model's bounds. Default: 0. */
  value?: number;
  /** Most rectangles: after the best place for one, the best for the next, and so on. Integer ≥ 1. Default: 1. */
  rectangles?: number;
}

export const occludeOptions = {
  ...attackOptions,
  window: integers({ required: true, unit: "pixels", help: "size of the rectangle", traced: "input" }),
  stride: integers({
    required: true,
    unit: "pixels",
    help: "how far apart the places are that are tried",
    traced: "input",
  }),
  value: number({
    default: 0,
    unit: "in the model's bounds",
    help: "what the rectangle is filled with",
    traced: "input",
  }),
  rectangles: integer({
    least: 1,
    default: 1,
    help: "most rectangles: after the best place for one, the best for the next",
    traced: "input",
  }),
} satisfies Schema<OccludeOptions>;

/**
 * Covers the place that the prediction depends on most: tries a rectangle everywhere, keeps it where the margin between
 * the classes falls most (of equal places the first, row by row), and goes on with a further one until the criterion is
 * fulfilled. After occlusion (Zeiler & Fergus 2014, arXiv:1311.2901), turned into an attack; no gradient is needed.
 * @param inputs images or inputs of another shape, with or without the batch, in the model's bounds
 * @returns distances in `l0`, pixels changed; `iterations` rectangles used
 * @throws BadInputError, InterruptedError
 */
export async function occlude<M extends Model>(
  model: M,
  inputs: Inputs,
  options: OccludeOptions,
): Promise<AttackResult<OccludeOptions, Values<M>>> {
  checkModel(model);
  const checked = checkOptions(occludeOptions, options),
    { rectangles, value } = checked;
  const window = checkWindow(checked.window, model.inputShape);
  const stride = checkStride(checked.stride, window, model.inputShape);
  const [low, high] = model.bounds;
  if (!(value >= low && value <= high))
    badInput({
      what: "value",
      got: value,
      allowed: `a number in [${low}, ${high}]`,
      remedy: "It is a pixel value, before any preprocessing.",
    });
  const windows = new SlidingWindow(window, stride, model.inputShape);
  const [result] = await runAttack<OccludeOptions, M>(model, inputs, {
    method: "occlude",
    norm: "l0",
    schema: occludeOptions,
    options: checked,
    minimizes: true,
    passes: windows.count,
    steps: rectangles,
    perturb: async (block) => {
      const free = block.goal.classes.map(() => new Set(Array.from({ length: windows.count }, (_, at) => at)));
      return untilReached(block, Math.min(rectangles, windows.count), {
        step: async (x) => {
          const margins = await marginsOf(block, x, windows, value);
          const chosen = free.map((places, image) => {
            const best = [...places].reduce((least, at) => (margins[at][image] < margins[least][image] ? at : least));
            places.delete(best);
            return best;
          });
          return tf.tidy(() =>
            cover(x, tf.concat(chosen.map((at) => masks(windows, { first: at, count: 1 }, model))), value),
          );
        },
      });
    },
  });
  return result;
}

/** The margin of each image with the window at each place. @returns [places][images] */
async function marginsOf(block: AttackBlock, x: tf.Tensor, windows: SlidingWindow, value: number): Promise<number[][]> {
  const margins: number[][] = [];
  for (const run of block.passes) {
    await block.checkpoint();
    const some = tf.tidy(() => coveredMargins(block, x, masks(windows, run, block.model), value));
    margins.push(...(await some.array().finally(() => some.dispose())));
  }
  return margins;
}

/** @param masks [run, …] @returns [run, block] */
function coveredMargins(
  { model, rows, goal }: AttackBlock,
  x: tf.Tensor,
  masks: tf.Tensor,
  value: number,
): tf.Tensor2D {
  const [run] = masks.shape,
    [block, ...shape] = x.shape,
    ones = shape.map(() => 1);
  const each = tf.reshape(tf.tile(tf.expandDims(masks, 1), [1, block, ...ones]), [run * block, ...shape]);
  const logits = model.logits(cover(tf.tile(x, [run, ...ones]), each, value));
  return tf.reshape(margin(model, logits, tf.tile(rows, [run, 1]), goal.targeted), [run, block]);
}

/** @param masks 1 where an input is covered, in the shape of `x` */
const cover = (x: tf.Tensor, masks: tf.Tensor, value: number): tf.Tensor =>
  tf.add(tf.mul(x, tf.sub(1, masks)), tf.mul(masks, value));

/** @returns [run, …] */
function masks(windows: SlidingWindow, run: { first: number; count: number }, { inputShape }: Model): tf.Tensor {
  const ones = inputShape.map(() => 1);
  const rows = windows
    .masks(run)
    .map((row, axis) =>
      tf.tensor(row, [run.count, ...ones.map((one, other) => (other === axis ? inputShape[axis] : one))]),
    );
  return rows.reduce((a, b) => tf.mul(a, b));
}
