// What every visualization takes and returns, and where its images begin.

import * as tf from "@tensorflow/tfjs";
import { boolean, integer, other, progressAndSignal } from "../core/options";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { ProgressReport } from "../runtime/progress";
import { badInput } from "../core/errors";
import { checkImages } from "../model/checks";

/** The images as they were after some iterations. */
export interface Snapshot {
  /** Iterations done: 0 is the start. */
  readonly iteration: number;
  /** [images, height, width, channels] in the model's bounds. */
  readonly image: tf.Tensor4D;
}

/** What every visualization returns. The caller owns its tensors and disposes of them. */
export interface Visualization {
  /** The images after the last iteration. [images, height, width, channels] in the model's bounds. */
  readonly image: tf.Tensor4D;
  /**
   * Per iteration one score for each image, of the image as it was before that iteration's step. [iterations][images]
   */
  readonly scores: readonly (readonly number[])[];
  /** In the order of their iterations. */
  readonly snapshots: readonly Snapshot[];
  /** Frees the tensors. */
  dispose(): void;
}

/** Options that every visualization takes. */
export interface VisualizeOptions {
  /** Steps. Integer ≥ 1. */
  iterations?: number;
  /** After which iterations the images are kept; 0 is the start. Integers from 0 to `iterations`. Default: none. */
  snapshots?: readonly number[];
  /**
   * Called as soon as a snapshot is there. Its tensor is the result's: clone what must outlive that. Default: nothing.
   */
  onSnapshot?: (snapshot: Snapshot) => void;
  /**
   * Decides everything that is random. What becomes of an image depends on it, on the image's target, and on how often
   * that target came before: not on what is made beside it. Integer. Default: 0.
   */
  seed?: number;
  /** Shows the images in the notebook while they come about, for work longer than a second. Default: true. */
  live?: boolean;
  /**
   * Called after each iteration. Default: for work longer than a second a bar in the notebook, or a line on a terminal.
   */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

/** @param iterations how many, where it is not said */
export const visualizeOptions = <const N extends number>(iterations: N) => ({
  iterations: integer({ least: 1, default: iterations, help: "steps", traced: "input" }),
  snapshots: other<readonly number[]>("integers from 0 to iterations", {
    help: "after which iterations the images are kept; 0 is the start",
    traced: "never",
  }),
  onSnapshot: other<(snapshot: Snapshot) => void>("a function", {
    rule: "nothing",
    help: "called as soon as a snapshot is there",
    traced: "never",
  }),
  seed: integer({ default: 0, help: "decides everything that is random", traced: "input" }),
  live: boolean({
    default: true,
    help: "shows the images in the notebook while they come about, for work longer than a second",
    flag: false,
    traced: "never",
  }),
  ...progressAndSignal<ProgressReport>(),
});

/** Where the images of a visualization begin. */
export const initImageOption = <const R extends string>(rule: R) =>
  other<ImageInput>("an image, or one for each", {
    rule,
    unit: "in the model's bounds",
    help: "where to begin",
    traced: "input",
  });

/**
 * Random starts that do not depend on an image's place among others: the first image of every target begins with start
 * 0, a second one of the same target with start 1, and so on. An image comes out the same alone and beside others, and
 * who asks for a target several times sees several images of it.
 * @param targets one for each image, equal where the targets are
 * @param start makes starts 0 … count − 1, of which each is the same whatever `count` is
 */
export function startsFor(targets: readonly unknown[], start: (count: number) => tf.Tensor4D): tf.Tensor4D {
  const seen = new Map<unknown, number>();
  const numbers = targets.map((target) => {
    const number = seen.get(target) ?? 0;
    seen.set(target, number + 1);
    return number;
  });
  const count = Math.max(...numbers) + 1;
  if (count === targets.length) return start(count);
  return tf.tidy(() => tf.gather(start(count), tf.tensor1d(numbers, "int32")));
}

/**
 * @param initImage one image for all, or one for each
 * @returns [count, height, width, channels], owned by the caller
 * @throws BadInputError
 */
export async function startImages(initImage: ImageInput, model: VisionModel, count: number): Promise<tf.Tensor4D> {
  const images = await checkImages(initImage, model, "initImage");
  if (images.shape[0] === count) return images;
  const got = images.shape;
  try {
    if (got[0] !== 1) badInput({ what: "the shape of initImage", got, allowed: `one image, or ${count}` });
    return tf.tidy(() => tf.tile(images, [count, 1, 1, 1]));
  } finally {
    images.dispose();
  }
}
