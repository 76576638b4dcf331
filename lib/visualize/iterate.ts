import * as tf from "@tensorflow/tfjs";
import { checkInteger } from "../core/check-options";
import type { Checked } from "../core/options";
import { checkpoint } from "../runtime/checkpoint";
import { notebookHost } from "../runtime/host";
import { startProgress } from "../runtime/progress-tracker";
import { badInput, InterruptedError } from "../core/errors";
import { BestImages } from "./best-images";
import { pictureOf } from "./live-picture";
import type { Snapshot, Visualization, visualizeOptions, VisualizeOptions } from "./visualization";

/** A step's outcome: what the next step begins with, and the scores of the images before it [images]. */
export type Stepped = { state: tf.Tensor[]; scores: tf.Tensor1D };

/** An iterative method, as what happens at one step. */
export interface Iteration {
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

export type CheckedOptions = Required<Pick<VisualizeOptions, "iterations" | "snapshots" | "seed" | "live">> &
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
      `${label}: image ${silent.join(", ")} never moved the score from 0 in ${scores.length} steps. The unit may be dead: no input makes it respond.`,
    );
}
