// A visualization of many iterations, in parts that each end with a state on disk: an interrupt or a crash costs one
// part.
import { existsSync } from "node:fs";
import type * as tf from "@tensorflow/tfjs";
import { readNpz, writeNpz, type Npz } from "../data/npy";
import { type ProgressReport, startProgress } from "../runtime/progress";
import { badInput } from "../core/errors";
import type { VisionModel } from "../model/vision-model";
import {
  classVisualization,
  type ClassVisualization,
  type ClassVisualizationOptions,
  type ClassVisualizationState,
  type Visualization,
} from "../visualize";

/** Iterations between two states on disk: some seconds of a network of photographs. */
const PART = 250;

export interface PartsAsked {
  readonly model: string;
  readonly init?: string;
  /** In all, those that were done before counted. */
  readonly iterations: number;
  readonly snapshots: readonly number[];
  readonly resume: boolean;
  /** The file of the state. */
  readonly state: string;
}

type Save = (image: tf.Tensor4D, iteration: number) => Promise<void>;

/**
 * @param save writes a snapshot @returns the images at the end; `scores` has the first iteration's and the last one's
 */
export async function visualizeInParts(
  model: VisionModel,
  targets: readonly number[],
  asked: PartsAsked,
  save: Save,
  options: ClassVisualizationOptions,
): Promise<Visualization> {
  const { iterations, snapshots, resume } = asked,
    file = asked.state;
  const beyond = snapshots.find((at) => at > iterations);
  if (beyond !== undefined)
    badInput({ what: "--snapshots", got: beyond, allowed: `at most the ${iterations} iterations` });
  const settings = settingsOf(asked, targets, options);
  const kept = resume && existsSync(file) ? keptIn(await readNpz(file), file, settings) : undefined;
  let state = kept?.state,
    first: readonly number[] = kept?.first ?? [],
    made: ClassVisualization | undefined;
  if (state && state.iteration >= iterations) {
    badInput({
      what: "--iterations",
      got: iterations,
      allowed: `more than the ${state.iteration} that ${file} has behind it`,
    });
  }
  const progress = startProgress({ label: "class visualization", total: iterations - (state?.iteration ?? 0) });
  try {
    while ((state?.iteration ?? 0) < iterations) {
      const done = state?.iteration ?? 0,
        { initImage, ...rest } = options;
      const next = Math.min(iterations, ...(resume ? [done + PART] : []), ...snapshots.filter((at) => at > done));
      let reported = 0;
      const onProgress = (report: ProgressReport): void => {
        progress.advance(report.done - reported, report.note);
        reported = report.done;
      };
      made?.dispose();
      made = await classVisualization(model, [...targets], {
        ...rest,
        onProgress,
        iterations: next - done,
        ...(state ? { from: state } : { initImage }),
      });
      ({ state } = made);
      if (first.length === 0) [first] = made.scores;
      if (snapshots.includes(next)) await save(made.image, next);
      if (resume) await keep(file, state, settings, first);
    }
  } catch (error) {
    made?.dispose();
    throw error;
  } finally {
    progress.end();
  }
  return { ...made!, scores: [first, made!.scores.at(-1)!] };
}

/** What must be the same for a run to go on. */
function settingsOf(
  { model, init }: PartsAsked,
  target: readonly number[],
  options: ClassVisualizationOptions,
): string {
  const { iterations: _, initImage: __, onProgress: ___, signal: ____, ...settings } = options;
  return JSON.stringify({ model, init, target, ...settings });
}

async function keep(
  file: string,
  { iteration, shape, x, rolled, sum }: ClassVisualizationState,
  settings: string,
  first: readonly number[],
): Promise<void> {
  const about = new Uint8Array(Buffer.from(JSON.stringify({ iteration, rolled, settings, first })));
  await writeNpz(file, {
    x: { dtype: "float32", shape: [...shape], data: x },
    ...(sum && { sum: { dtype: "float32", shape: [...shape], data: sum } }),
    about: { dtype: "uint8", shape: [about.length], data: about },
  });
}

function keptIn(npz: Npz, file: string, settings: string): { state: ClassVisualizationState; first: number[] } {
  const text = Buffer.from(npz.read("about").data as Uint8Array).toString();
  const about = JSON.parse(text) as { iteration: number; rolled: [number, number]; settings: string; first: number[] };
  if (about.settings !== settings) {
    badInput({
      what: file,
      got: about.settings,
      allowed: `a state of the same run: ${settings}`,
      remedy: "Give the flags that it began with, or another --out.",
    });
  }
  const x = npz.read("x"),
    sum = npz.names.includes("sum") ? (npz.read("sum").data as Float32Array) : undefined;
  const { iteration, rolled } = about;
  return {
    state: {
      iteration,
      rolled,
      shape: x.shape as unknown as ClassVisualizationState["shape"],
      x: x.data as Float32Array,
      ...(sum && { sum }),
    },
    first: about.first,
  };
}
