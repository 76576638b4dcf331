import type * as tf from "@tensorflow/tfjs";
import { boolean, integer, other, progressAndSignal } from "../core/options";
import type { ImageInput } from "../model/vision-model";
import type { ProgressReport } from "../runtime/progress";

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
