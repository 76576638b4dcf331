// A recording, read: its frames, and at which steps they were made.
import { open } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../backend";
import type { Attribution } from "../../attribution/attribution";
import { checkInteger, other } from "../../core/options";
import { FileError, badInput } from "../../core/errors";
import { readNpy } from "../../data/npy";
import { firstMaximum } from "../../model/outputs";
import { countWholeFrames, FrameFormat, type RawFrame, files, readHeader, type RecordingHeader } from "./frames";
import { sizeOf } from "../../core/chunks";

/** What was recorded after one minibatch, without the attributions. */
export interface FrameSummary {
  /** Minibatches done; 0 before the first. */
  readonly step: number;
  /** Epochs done, with fractions. */
  readonly epoch: number;
  /**
   * Running means of the training loss (nats) and accuracy (0 to 1), over about the last 50 minibatches; NaN at step 0.
   */
  readonly loss: number;
  readonly accuracy: number;
  /** [images][classes], 0 to 1. */
  readonly probabilities: readonly (readonly number[])[];
  /** Most probable class of each image. */
  readonly predictions: readonly { readonly index: number; readonly name: string; readonly probability: number }[];
}

export interface RecordedFrame<Maps extends tf.Tensor = tf.Tensor4D> extends FrameSummary {
  /** As the method returned it then. The caller disposes of it. */
  readonly attributions: Attribution<Readonly<Record<string, unknown>>, Maps>;
}

/**
 * A training that was recorded, read from disk as it is asked for. Of inputs that are no images:
 * `TrainingRecording<tf.Tensor>`.
 */
export class TrainingRecording<Maps extends tf.Tensor = tf.Tensor4D> {
  private readonly format: FrameFormat;

  /** @param frames how many frames there are */
  private constructor(
    readonly folder: string,
    readonly header: RecordingHeader,
    readonly frames: number,
  ) {
    this.format = new FrameFormat(header);
  }

  /** @throws FileError */
  static async open<Maps extends tf.Tensor = tf.Tensor4D>(folder: string): Promise<TrainingRecording<Maps>> {
    const header = await readHeader(folder);
    if (!header) throw new FileError(folder, "holds no recording", "recordTraining makes one.");
    return new TrainingRecording<Maps>(folder, header, await countWholeFrames(folder, header));
  }

  /** Minibatches done at each frame. */
  get steps(): readonly number[] {
    return this.header.steps.slice(0, this.frames);
  }

  /** Whether the training came to its end. */
  get complete(): boolean {
    return this.frames === this.header.steps.length;
  }

  get classNames(): readonly string[] {
    return this.header.classNames;
  }

  /** True class of each image, where they are known. */
  get labels(): readonly number[] | undefined {
    return this.header.labels;
  }

  /**
   * The images that were looked at, [images, height, width, channels], or other inputs; the caller disposes of them.
   */
  async images(): Promise<Maps> {
    await ready();
    const { shape, data } = await readNpy(files.images(this.folder));
    return tf.tensor(data as Float32Array, [...shape]) as Maps;
  }

  /** @param index from 0 to frames − 1 @throws BadInputError; FileError for a damaged frame */
  async readFrame(index: number): Promise<RecordedFrame<Maps>> {
    checkInteger("index", index, 0, this.frames - 1);
    await ready();
    const raw = await this.readRaw(index),
      { mapShape, method, options } = this.header;
    const values = tf.tensor(raw.maps, [...mapShape]) as Maps;
    return {
      ...this.summary(raw),
      attributions: { values, target: Array.from(raw.targets), method, options, dispose: () => values.dispose() },
    };
  }

  /** All frames without their attributions: loss, accuracy and predictions through the training. */
  async summaries(): Promise<FrameSummary[]> {
    const handle = await open(files.frames(this.folder), "r"),
      part = Buffer.alloc(this.format.summaryBytes);
    try {
      const all: FrameSummary[] = [];
      for (let i = 0; i < this.frames; i++) {
        await handle.read(part, 0, part.length, i * this.format.bytes);
        all.push(this.summary(this.format.decode(part)));
      }
      return all;
    } finally {
      await handle.close();
    }
  }

  /**
   * One image's attributions through the training.
   * @param image which, from 0
   * @param frames which. Default: all
   * @returns [frames, height, width, channels], or in the shape of other attributions; the caller disposes of it
   */
  async attributionsOf(image: number, frames: readonly number[] = this.steps.map((_, i) => i)): Promise<Maps> {
    const [images, ...shape] = this.header.mapShape,
      size = sizeOf(shape);
    checkInteger("image", image, 0, images - 1);
    frames.forEach((frame) => checkInteger("a frame", frame, 0, this.frames - 1));
    await ready();
    const values = new Float32Array(frames.length * size);
    for (let i = 0; i < frames.length; i++)
      values.set((await this.readRaw(frames[i])).maps.subarray(image * size, (image + 1) * size), i * size);
    return tf.tensor(values, [frames.length, ...shape]) as Maps;
  }

  /** A frame outside the tensor engine. @throws FileError for a damaged frame */
  async readRaw(index: number): Promise<RawFrame> {
    const file = files.frames(this.folder),
      handle = await open(file, "r"),
      bytes = Buffer.alloc(this.format.bytes);
    try {
      await handle.read(bytes, 0, bytes.length, index * bytes.length);
    } finally {
      await handle.close();
    }
    if (!this.format.isWhole(bytes, this.header.steps[index]))
      throw new FileError(file, `is damaged: frame ${index} does not have its checksum`, "Record it again.");
    return this.format.decode(bytes);
  }

  /** What a raw frame says beside its attributions. */
  summary({ step, loss, accuracy, probabilities }: RawFrame): FrameSummary {
    const { classNames, stepsPerEpoch, mapShape } = this.header,
      classes = classNames.length;
    const rows = Array.from({ length: mapShape[0] }, (_, i) => probabilities.subarray(i * classes, (i + 1) * classes));
    const predictions = rows.map((row) => {
      const index = firstMaximum(row);
      return { index, name: classNames[index], probability: row[index] };
    });
    return {
      step,
      epoch: step / stepsPerEpoch,
      loss,
      accuracy,
      probabilities: rows.map((row) => Array.from(row)),
      predictions,
    };
  }
}

/**
 * Opens what `recordTraining` recorded, also while it is being recorded, or when it was cut off: up to its last whole
 * frame.
 * @throws FileError where there is no recording
 */
export const openRecording = <Maps extends tf.Tensor = tf.Tensor4D>(folder: string): Promise<TrainingRecording<Maps>> =>
  TrainingRecording.open<Maps>(folder);

/** By what it can do: in a notebook the library may have been loaded again since the recording was opened. */
export const isRecording = (value: unknown): value is TrainingRecording<tf.Tensor> =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as TrainingRecording).readRaw === "function" &&
  typeof (value as TrainingRecording).frames === "number";

/**
 * After which minibatches a frame is recorded: every so many, with the start (0) and the end; a list of them, 0 meaning
 * before the first; or a function that is asked for each from 0 to `total`.
 */
export type RecordingSchedule =
  { readonly every: number } | readonly number[] | ((step: number, total: number) => boolean);

export const scheduleOption = (every: number, help: string) =>
  other<RecordingSchedule>("{ every }, an array of minibatches, or a function (step, total) => boolean", {
    default: { every },
    help,
  });

/**
 * @returns the minibatches, ascending @throws BadInputError for one that records nothing, or asks for what is not
 * reached
 */
export function scheduledSteps(schedule: RecordingSchedule, total: number): number[] {
  const all = Array.from({ length: total + 1 }, (_, step) => step);
  if (typeof schedule === "function") {
    const steps = all.filter((step) => schedule(step, total));
    if (steps.length === 0)
      badInput({
        what: "schedule",
        got: schedule,
        allowed: `a function that is true for at least one of the minibatches 0 to ${total}`,
      });
    return steps;
  }
  if (Array.isArray(schedule)) {
    const allowed = `integers from 0 to ${total}, the minibatches of this run`;
    if (schedule.length === 0) badInput({ what: "schedule", got: schedule, allowed: `at least one of the ${allowed}` });
    const wrong = (schedule as readonly number[]).find((step) => !Number.isInteger(step) || step < 0 || step > total);
    if (wrong !== undefined) badInput({ what: "schedule", got: wrong, allowed });
    return [...new Set(schedule as readonly number[])].sort((a, b) => a - b);
  }
  const { every } = (schedule ?? {}) as { every?: number };
  if (!Number.isInteger(every) || every! < 1)
    badInput({
      what: "schedule",
      got: schedule,
      allowed: "{ every: n } with an integer n ≥ 1, a list of minibatches, or a function",
    });
  return all.filter((step) => step % every! === 0 || step === total);
}
