// The loop of all visualizations: runs the steps, keeps snapshots and the best images, shows them on the way.

import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../data/image-files";
import { checkInteger, type Checked } from "../core/options";
import { checkpoint, notebookHost } from "../runtime/host";
import { startProgress } from "../runtime/progress";
import { badInput, InterruptedError } from "../core/errors";
import type { Snapshot, Visualization, visualizeOptions, VisualizeOptions } from "./visualization";
import { sizeOf } from "../core/chunks";

/** Plain numbers, since an interrupt frees tensors that nobody can reach. */
interface BestSoFar {
  readonly shape: readonly [number, number, number, number];
  /** In the model's bounds, row-major. */
  readonly values: Float32Array;
  readonly scores: number[];
  readonly iterations: number[];
  done: number;
}

/** The best images of a run, also of one that was interrupted. */
export interface LastVisualization {
  /** Of each image the state with the highest score so far, in the model's bounds. The caller disposes of it. */
  readonly image: tf.Tensor4D;
  /** That score, one for each image. */
  readonly scores: readonly number[];
  /** After how many iterations it was reached, one for each image. */
  readonly iterations: readonly number[];
  /** How many iterations the run has done. */
  readonly done: number;
}

let latest: BestSoFar | undefined;

/** Begins a run: what the one before it had is gone. */
function beginBest(shape: readonly [number, number, number, number]): BestSoFar {
  const [count] = shape;
  latest = {
    shape,
    values: new Float32Array(sizeOf(shape)),
    scores: new Array<number>(count).fill(-Infinity),
    iterations: new Array<number>(count).fill(0),
    done: 0,
  };
  return latest;
}

/** @param values all images, row-major */
function recordBest(
  into: BestSoFar,
  values: Float32Array,
  scores: readonly number[],
  iterations: readonly number[],
): void {
  into.values.set(values);
  scores.forEach((score, i) => (into.scores[i] = score));
  iterations.forEach((iteration, i) => (into.iterations[i] = iteration));
}

/**
 * The best images of the latest `classVisualization` or `maximize`: after an interrupt, what it had come to; while it
 * runs, or where the interrupt came in the middle of a step, at most a fifth of a second and a step before.
 * @returns nothing where none has done an iteration yet
 */
export function lastVisualization(): LastVisualization | undefined {
  if (!latest || latest.done === 0) return undefined;
  const { shape, values, scores, iterations, done } = latest;
  return { image: tf.tensor4d(values.slice(), [...shape]), scores: [...scores], iterations: [...iterations], done };
}

/** Reading images back at each step would take a tenth of the step. */
const READ_EVERY = 200;

/** How images come of the state of a run. */
interface ImageSource {
  images(state: readonly tf.Tensor[]): tf.Tensor4D;
}

type Held = { readonly state: readonly tf.Tensor[] } | { readonly images: tf.Tensor4D };

/**
 * Of each image the state with the highest score so far: as tensors, which become plain numbers now and then, since an
 * interrupt frees tensors that nobody can reach.
 */
class BestImages {
  private readonly record: BestSoFar;
  private readonly scores: number[];
  private readonly iterations: number[];
  /** A state all of whose images are the best; or, where they are of several iterations, the images themselves. */
  private held?: Held;
  private unread = false;
  private readAt = -Infinity;

  /** @param shape [images, height, width, channels] */
  constructor(
    private readonly source: ImageSource,
    shape: readonly [number, number, number, number],
  ) {
    this.record = beginBest(shape);
    this.scores = [...this.record.scores];
    this.iterations = [...this.record.iterations];
  }

  /** @param state before the iteration; the caller keeps it @param scores of its images */
  offer(state: readonly tf.Tensor[], scores: readonly number[], iteration: number): void {
    const better = scores.map((score, i) => score > this.scores[i]);
    if (!better.includes(true)) return;
    const before = this.held;
    if (better.includes(false)) {
      this.held = {
        images: tf.tidy(() =>
          tf.where(tf.tensor4d(better, [better.length, 1, 1, 1], "bool"), this.source.images(state), this.images()),
        ),
      };
    } else {
      this.held = { state: state.map((each) => tf.clone(each)) };
    }
    freeHeld(before);
    better.forEach((is, i) => {
      if (!is) return;
      this.scores[i] = scores[i];
      this.iterations[i] = iteration;
    });
    this.unread = true;
  }

  /** To be called after each iteration: `done` are done. */
  async advance(done: number, now = performance.now()): Promise<void> {
    this.record.done = done;
    if (now - this.readAt < READ_EVERY) return;
    await this.read();
    this.readAt = performance.now();
  }

  /** Has `lastVisualization` tell what is the best by now. */
  async read(): Promise<void> {
    if (!this.unread) return;
    const images = tf.tidy(() => this.images());
    try {
      recordBest(this.record, (await images.data()) as Float32Array, this.scores, this.iterations);
      this.unread = false;
    } finally {
      images.dispose();
    }
  }

  dispose(): void {
    freeHeld(this.held);
    this.held = undefined;
  }

  private images(): tf.Tensor4D {
    return "images" in this.held! ? tf.clone(this.held.images) : this.source.images(this.held!.state);
  }
}

function freeHeld(held: Held | undefined): void {
  if (held) tf.dispose("images" in held ? held.images : [...held.state]);
}

/** More would be too small to see. */
const MOST_SHOWN = 6;

/**
 * The images side by side as a PNG file, for a look while work goes on. Synchronous, as the drawing of progress is.
 * @param images [images, height, width, 1 or 3] in [0, 1]
 * @returns nothing for images of another number of channels, and on webgpu
 */
function pictureOf(images: () => tf.Tensor4D): Uint8Array | undefined {
  // Pictures are made while a step waits for nothing, and this backend has no values to read at once.
  if (tf.getBackend() === "webgpu") return undefined;
  const row = tf.tidy(() => {
    const all = images();
    const [count, height, , channels] = all.shape;
    if (channels !== 1 && channels !== 3) return undefined;
    const shown = tf.unstack(tf.slice(all, 0, Math.min(count, MOST_SHOWN)));
    return tf.keep(
      tf
        .concat(
          shown.map((image) =>
            tf.pad(
              image,
              [
                [0, 0],
                [0, shown.length > 1 ? 4 : 0],
                [0, 0],
              ],
              1,
            ),
          ),
          1,
        )
        .reshape([height, -1, channels]),
    ) as tf.Tensor3D;
  });
  if (!row) return undefined;
  const [height, width, channels] = row.shape;
  const values = row.dataSync();
  row.dispose();
  return encodePng({
    height,
    width,
    channels: channels as 1 | 3,
    data: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
  });
}

/** A step's outcome: what the next step begins with, and the scores of the images before it [images]. */
type Stepped = { state: tf.Tensor[]; scores: tf.Tensor1D };

/** An iterative method, as what happens at one step. */
interface Iteration {
  /** For people. */
  readonly label: string;
  readonly iterations: number;
  /** What the first step begins with; owned by the loop from then on. */
  readonly state: readonly tf.Tensor[];
  /** @param t number of the step, from 0 @param last the scores of the step before. Synchronous; it is tidied. */
  step(state: readonly tf.Tensor[], t: number, last: readonly number[] | undefined): Stepped;
  /** The images that a state stands for; pure. [images, height, width, channels] in the model's bounds */
  images(state: readonly tf.Tensor[]): tf.Tensor4D;
  /** Called with the state after the last step, before it is freed. */
  finished?(state: readonly tf.Tensor[]): Promise<void>;
}

type CheckedOptions = Required<Pick<VisualizeOptions, "iterations" | "snapshots" | "seed" | "live">> &
  Pick<VisualizeOptions, "onSnapshot" | "onProgress" | "signal">;

/** What every visualization takes, in a form that {@link iterate} can use. @throws BadInputError */
export function forIterate(options: Checked<ReturnType<typeof visualizeOptions<number>>>): CheckedOptions {
  const { iterations, snapshots = [], seed, live, onSnapshot, onProgress } = options;
  if (!Array.isArray(snapshots))
    badInput({
      what: "snapshots",
      got: snapshots,
      allowed: "an array of numbers of iterations",
      remedy: "For instance [0, 10, 100].",
    });
  snapshots.forEach((at, i) => checkInteger(`snapshots[${i}]`, at, 0, iterations));
  // The signal is read now, since it belongs to the cell that started the work: a later cell has another one.
  const signal = options.signal ?? notebookHost()?.signal;
  return {
    iterations,
    snapshots: [...new Set(snapshots)].sort((a, b) => a - b),
    seed,
    live,
    onSnapshot,
    onProgress,
    signal,
  };
}

/** Runs the steps, keeps snapshots and the best images, shows how far it is. */
export async function iterate(
  work: Iteration,
  { snapshots: wanted, live, onSnapshot, onProgress, signal }: CheckedOptions,
): Promise<Visualization> {
  const { iterations } = work;
  const progress = startProgress({ label: work.label, total: iterations, onProgress });
  let state = work.state,
    done = 0;
  let best: BestImages | undefined;
  const snapshots: Snapshot[] = [];
  const keep = (iteration: number): void => {
    if (!wanted.includes(iteration)) return;
    const snapshot = { iteration, image: tf.tidy(() => work.images(state)) };
    snapshots.push(snapshot);
    onSnapshot?.(snapshot);
  };
  try {
    const scores: number[][] = [];
    best = new BestImages(
      work,
      tf.tidy(() => work.images(state).shape),
    );
    keep(0);
    for (let t = 0; t < iterations; t++) {
      await checkpoint(signal);
      const before = state;
      const { state: after, scores: ofBefore } = tf.tidy(() => work.step(before, t, scores[t - 1]));
      state = after;
      try {
        scores.push(Array.from(await ofBefore.data()));
        if (!scores[t].every(Number.isFinite)) refuseScores(work.label, scores[t], t);
        best.offer(before, scores[t], t);
      } finally {
        tf.dispose([ofBefore, ...before]);
      }
      await best.advance((done = t + 1));
      progress.advance(1, noteOf(scores[t]), live ? () => pictureOf(() => work.images(state)) : undefined);
      keep(done);
    }
    await best.read();
    warnOfSilent(work.label, scores);
    await work.finished?.(state);
    const image = tf.tidy(() => work.images(state));
    return { image, scores, snapshots, dispose: () => tf.dispose([image, ...snapshots.map((each) => each.image)]) };
  } catch (error) {
    tf.dispose(snapshots.map(({ image }) => image));
    // What stopped the work matters more than that the best images cannot be read any more.
    await best?.read().catch(() => undefined);
    if (error instanceof InterruptedError && done > 0) {
      throw new InterruptedError(
        `Interrupted after ${done} of ${iterations} iterations. lastVisualization() has the best images so far.`,
      );
    }
    throw error;
  } finally {
    best?.dispose();
    tf.dispose([...state]);
    progress.end();
  }
}

function noteOf(scores: readonly number[]): string {
  const shown = scores
    .slice(0, 6)
    .map((score) => score.toPrecision(3))
    .join(", ");
  return `${scores.length === 1 ? "score" : "scores"} ${shown}${scores.length > 6 ? ", …" : ""}`;
}

function refuseScores(label: string, scores: readonly number[], step: number): never {
  const image = scores.findIndex((score) => !Number.isFinite(score));
  return badInput({
    what: `the score of image ${image} at step ${step} of ${label}`,
    got: scores[image],
    allowed: "a finite number",
    remedy:
      step === 0
        ? "A weight of the network is NaN or infinite."
        : "A smaller learningRate, or a smaller weight of a regularizer.",
  });
}

/** A unit that never answers has nothing to be led by: what is left is the start. */
function warnOfSilent(label: string, scores: readonly (readonly number[])[]): void {
  const silent = scores[0].flatMap((_, image) => (scores.every((step) => step[image] === 0) ? [image] : []));
  if (silent.length > 0)
    console.warn(
      `${label}: image ${silent.join(", ")} never moved the score from 0 in ${scores.length} steps. The unit may ` +
        `be dead: no input makes it respond.`,
    );
}
