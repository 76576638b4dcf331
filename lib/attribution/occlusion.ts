// Occlusion, by a window that slides over the input or by groups of values that are taken away together.

import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { pack } from "../model/packed-inputs";
import type { Inputs, Model, Values } from "../model/vision-model";
import type { Range } from "../core/chunks";
import { checkOptions, integers, number, orElse, other, type Checked, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { type Baseline, explain, type AttributionSteps, type Block } from "./explain";
import { checkModel } from "../model/checks";
import { LocalOcclusion } from "./local-occlusion";
import { checkStride, checkWindow, SlidingWindow, type WindowSize } from "../core/sliding-window";

// Groups of values that are taken away together: the pixels of a superpixel, the columns of one question, a word's
// letters.

/**
 * The group of each value: integers, the same for values that belong together. In the shape of one input, or with 1 in
 * place of a size where a group reaches along that axis ([height, width, 1]); of a network of several inputs a list.
 */
export type FeatureMask = Inputs;

/** The groups of a {@link FeatureMask}, in growing order of their numbers. */
class FeatureGroups {
  private constructor(
    private readonly ofValue: Int32Array,
    readonly count: number,
  ) {}

  /** @throws BadInputError */
  static async of(mask: FeatureMask, model: Model): Promise<FeatureGroups> {
    const shape = model.inputShape;
    const spread = tf.tidy(() => {
      const given =
        Array.isArray(mask) && model.inputs
          ? tf.squeeze(pack(model.inputs, mask as readonly tf.Tensor[], "featureMask"), [0])
          : (mask as tf.Tensor);
      const fits =
        given instanceof tf.Tensor &&
        given.rank === shape.length &&
        given.shape.every((side, axis) => side === 1 || side === shape[axis]);
      if (!fits) {
        badInput({
          what: "the shape of featureMask",
          got: given instanceof tf.Tensor ? given.shape : given,
          allowed: `[${shape.join(", ")}], one input of ${model.name}, or 1 in place of some of its sizes`,
        });
      }
      return tf.add(tf.zeros([...shape]), tf.cast(given, "float32"));
    });
    const values = await spread.data().finally(() => spread.dispose());
    const odd = values.find((value) => !Number.isInteger(value));
    if (odd !== undefined)
      badInput({ what: "a value of featureMask", got: odd, allowed: "an integer, the number of a group" });
    const numbers = [...new Set(values)].sort((a, b) => a - b),
      places = new Map(numbers.map((number, place) => [number, place]));
    return new FeatureGroups(
      Int32Array.from(values, (value) => places.get(value)!),
      numbers.length,
    );
  }

  /** 1 where a value belongs to the group. @returns [run, values] */
  masks({ first, count }: Range): tf.Tensor2D {
    const size = this.ofValue.length,
      masks = new Float32Array(count * size);
    this.ofValue.forEach((group, value) => {
      if (group >= first && group < first + count) masks[(group - first) * size + value] = 1;
    });
    return tf.tensor2d(masks, [count, size]);
  }
}

export interface OcclusionOptions extends AttributionOptions {
  /**
   * Size of the window, of images in pixels: its side, [height, width], or [height, width, channels]. Without channels
   * it covers all of them. Required, but with a `featureMask`.
   */
  window?: WindowSize;
  /**
   * How far the window moves each time: one number for every direction, [height, width], or [height, width, channels].
   * At most the window's own size. Required, but with a `featureMask`.
   */
  stride?: WindowSize;
  /** In place of a window: groups of values that are covered together. Default: none. */
  featureMask?: FeatureMask;
  /** What is put there: a value, an input, or one per input, in the model's bounds; of tokens a token. Default: 0. */
  baseline?: Baseline;
}

export const occlusionOptions = {
  ...attributionOptions,
  window: integers({ required: true, unit: "pixels", help: "size of the window", traced: "input" }),
  stride: integers({ required: true, unit: "pixels", help: "how far the window moves each time", traced: "input" }),
  featureMask: other<FeatureMask>("integers in the shape of an input", {
    help: "in place of a window: groups of values that are covered together",
    traced: "input",
  }),
  baseline: number({
    or: orElse<Inputs>("an input, or one for each"),
    default: 0,
    unit: "in the model's bounds",
    help: "what is put there",
    traced: "input",
  }),
} satisfies Schema<OcclusionOptions>;

type CheckedOptions = Checked<typeof occlusionOptions>;

/**
 * Occlusion: how much the target's logit (or another `score`) falls when a window is covered (Zeiler & Fergus 2014,
 * "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901). The window slides from the first corner
 * until it reaches the other edges, where the part of it that sticks out is cut off; a value that several windows cover
 * gets the mean of their falls. With `featureMask` each group of values is covered once, and each of its values gets
 * the fall (feature ablation).
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs, in logits: positive where covering lowers the logit
 * @throws BadInputError, InterruptedError
 * @example await occlusion(model, images, { window: 16, stride: 8 })
 */
export async function occlusion<M extends Model>(
  model: M,
  inputs: Inputs,
  options: OcclusionOptions,
): Promise<Attribution<OcclusionOptions, Values<M>>> {
  return explain(model, inputs, await occlusionSteps(model, options));
}

/** Occlusion as steps, also for methods that build on it. @throws BadInputError */
export async function occlusionSteps(
  model: Model,
  options: OcclusionOptions,
): Promise<AttributionSteps<OcclusionOptions>> {
  checkModel(model);
  const checked = checkOptions(occlusionOptions, options),
    { featureMask } = checked;
  if (featureMask === undefined) return slidingSteps(model, checked);
  if (options.window !== undefined || options.stride !== undefined) {
    badInput({
      what: "featureMask",
      got: "given beside a window",
      allowed: "one of both",
      remedy: "Its groups take the window's place.",
    });
  }
  return groupSteps(model, checked, await FeatureGroups.of(featureMask, model));
}

function slidingSteps(model: Model, options: CheckedOptions): AttributionSteps<OcclusionOptions> {
  const { inputShape } = model;
  const window = checkWindow(options.window, inputShape);
  const stride = checkStride(options.stride, window, inputShape);
  const windows = new SlidingWindow(window, stride, inputShape);
  const local = options.score === "logit" ? LocalOcclusion.of(model, windows) : undefined;
  return {
    method: "occlusion",
    schema: occlusionOptions,
    closesOver: { covers: local ? "crops" : "inputs" },
    options: { ...options, window, stride },
    passes: windows.count,
    baseline: options.baseline,
    perturbs: true,
    reference: ({ inputs, rows, value }) => value(inputs, rows),
    passInputs: (run) => [
      ...windows.masks(run).map((rows, axis) => tf.tensor2d(rows, [run.count, inputShape[axis]])),
      ...(local?.passInputs(run) ?? []),
    ],
    step: (block, given) => {
      const masks = given.slice(0, inputShape.length);
      return falls(
        block,
        masks,
        local ? local.logits(block, given.slice(inputShape.length)) : occludedScores(block, product(masks)),
      );
    },
    finish: (sum) => ({
      values: tf.div(sum, product(windows.coverage().map((row) => tf.tensor2d(row, [1, row.length])))),
    }),
  };
}

function groupSteps(model: Model, options: CheckedOptions, groups: FeatureGroups): AttributionSteps<OcclusionOptions> {
  return {
    method: "occlusion",
    schema: occlusionOptions,
    closesOver: { covers: "groups" },
    options,
    passes: groups.count,
    baseline: options.baseline,
    perturbs: true,
    reference: ({ inputs, rows, value }) => value(inputs, rows),
    passInputs: (run) => [groups.masks(run)],
    step: (block, [masks]) => {
      const [run] = masks.shape,
        scores = occludedScores(block, tf.reshape(masks, [run, ...model.inputShape]));
      return tf.reshape(tf.matMul(fallOf(block, scores), masks as tf.Tensor2D, true), block.inputs.shape);
    },
  };
}

/** Each input under each window of a run, whole. @param covered [run, …] @returns the targets' scores [run, block] */
function occludedScores({ inputs, baseline, rows, value }: Block, covered: tf.Tensor): tf.Tensor2D {
  const [block, ...shape] = inputs.shape,
    [run] = covered.shape;
  const mask = tf.reshape(covered, [run, 1, -1]);
  const seen = tf.mul(tf.reshape(inputs, [1, block, -1]), tf.sub(1, mask));
  const occluded = tf.add(seen, tf.mul(tf.reshape(baseline, [1, block, -1]), mask));
  return tf.reshape(value(tf.reshape(occluded, [run * block, ...shape]), tf.tile(rows, [run, 1])), [run, block]);
}

/** How far the score falls. @param scores [run, block] @returns in the same shape */
const fallOf = ({ reference }: Block, scores: tf.Tensor2D): tf.Tensor2D =>
  tf.sub(tf.reshape(reference!, [1, -1]), scores);

/**
 * Σ over a run of windows of the window × the fall of the score when it is covered: windows are products of their rows
 * and columns, and the sum of such products is one of matrices.
 * @param masks by axis; of images [run, height], [run, width], [run, channels]
 * @param scores [run, block]
 */
function falls(block: Block, [first, ...others]: readonly tf.Tensor[], scores: tf.Tensor2D): tf.Tensor {
  const { inputs } = block,
    [run, count] = scores.shape,
    fall = fallOf(block, scores);
  const left = tf.reshape(tf.mul(tf.reshape(fall, [run, count, 1]), tf.reshape(first, [run, 1, -1])), [
    run,
    -1,
  ]) as tf.Tensor2D;
  const right =
    others.length > 0 ? (tf.reshape(product(others), [run, -1]) as tf.Tensor2D) : tf.ones<tf.Rank.R2>([run, 1]);
  return tf.reshape(tf.matMul(left, right, true), inputs.shape);
}

/** @param rows by axis, [n, side] @returns their products [n, …sides] */
function product(rows: readonly tf.Tensor[]): tf.Tensor {
  const [n] = rows[0].shape;
  return rows
    .map((row, axis) => tf.reshape(row, [n, ...rows.map((_, other) => (other === axis ? -1 : 1))]))
    .reduce((a, b) => tf.mul(a, b));
}
