// A training with frames: what a method shows of some images at chosen minibatches, written as it goes.
import { mkdir, rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { whenCutOff, notebookHost } from "../runtime/host";
import type { AttributionOptions } from "../attribution/attribution";
import { type Target, resolveTarget } from "../model/target";
import { withTensors } from "../core/tensors";
import { type ProgressReport, startProgress } from "../runtime/progress";
import { writeNpy } from "../data/npy";
import { writeAtomically, writeError } from "../core/files";
import { badInput } from "../core/errors";
import {
  boolean,
  checkOptions,
  isPath,
  other,
  pickOptions,
  progressAndSignal,
  target,
  text,
  texts,
  without,
  type Schema,
} from "../core/options";
import { nearNames } from "../core/text";
import { checkInputs } from "../model/checks";
import { fromLayersModel } from "../model/adapters";
import type { Model, VisionModel } from "../model/vision-model";
import {
  countWholeFrames,
  FrameWriter,
  files,
  readHeader,
  type RecordingHeader,
  type RawFrame,
} from "./recording/frames";
import {
  checkRecordedImages,
  recordedOption,
  type RecordedImages,
  type RecordedInputs,
  checkLabels,
  fingerprint,
  floatsOf,
  trainingPixels,
  type TrainingData,
  type TrainingInputs,
} from "./recording/training-data";
import {
  openRecording,
  type TrainingRecording,
  scheduledSteps,
  scheduleOption,
  type RecordingSchedule,
} from "./recording/training-recording";
import { checkTraining, stepsInEpoch, train, trainOptions, type TrainingStep, type TrainOptions } from "./train";
import { defaultBatchSize, ranges } from "../core/chunks";
import { attributionMethods, type AttributionMethod } from "../attribution/methods";
import { firstMaximum } from "../model/outputs";

export interface RecordTrainingOptions extends Omit<TrainOptions, "checkpointDir" | "onMinibatch"> {
  /** Where the recording is kept; made if it is not there. */
  folder: string;
  /** What is looked at on the way; where the network's inputs are no images `{ inputs, labels }`. */
  images: RecordedImages | RecordedInputs;
  /** Attribution method: `input-x-gradient` or `inputXGradient`, … Default: "input-x-gradient". */
  method?: string;
  /** The method's own options: `{ window: 4, stride: 2 }`. Default: the method's defaults. */
  methodOptions?: AttributionOptions & Readonly<Record<string, unknown>>;
  /** The class explained. Default: each image's label; without labels the class predicted at each frame. */
  target?: Target;
  /** When a frame is recorded, in minibatches. Default: { every: 10 }. */
  schedule?: RecordingSchedule;
  /** One name for each class. Default: those of `data`, else `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /**
   * Go on with this same run where it stopped, if the folder has a part of it. False: replace what the folder has.
   * Default: true.
   */
  resume?: boolean;
  /**
   * Called after every minibatch. Default: for work longer than a second a bar in the notebook, or a line on a
   * terminal.
   */
  onProgress?: (report: ProgressReport) => void;
}

/** What `train` itself is given here. */
const ownTraining = without(trainOptions, "signal");

export const recordTrainingOptions = {
  ...without(trainOptions, "checkpointDir", "onMinibatch"),
  folder: text({ words: "the path of a folder", is: isPath, required: true, help: "where the recording is kept" }),
  images: recordedOption("what is looked at on the way"),
  method: text({ default: "input-x-gradient", help: "attribution method" }),
  methodOptions: other<NonNullable<RecordTrainingOptions["methodOptions"]>>("an object", {
    rule: "the method's defaults",
    help: "the method's own options",
  }),
  target: target<Target>({
    rule: "each image's label; without labels the class predicted at each frame",
    help: "the class explained",
  }),
  schedule: scheduleOption(10, "when a frame is recorded, in minibatches"),
  classNames: texts({ rule: "those of data, else class 0, class 1, …", help: "one name for each class" }),
  resume: boolean({ default: true, help: "go on with this same run where it stopped, not replace it" }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<RecordTrainingOptions>;

/**
 * Trains a classifier, in place, and records on the way what it makes of a few fixed images (or other inputs):
 * attributions, probabilities, and the training's loss and accuracy. Frames go to disk as they come; the training is
 * the same, bit for bit, as without them. A run that was stopped goes on when it is called again with a new model of
 * the same kind and the same options, and ends as an uninterrupted one.
 * @returns the recording, which `openRecording(folder)` opens again; an interrupted or broken one too, up to its last
 * whole frame
 * @throws BadInputError; FileError when the disk is full; InterruptedError. The frames before stay.
 * @example const recording = await recordTraining(deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2 }),
 * await loadFashionMnist({ count: 5000 }), { folder: "film", images: await loadFashionMnist({ split: "test", count: 4
 * }), epochs: 1, batchSize: 16 })
 */
export async function recordTraining(
  model: tf.LayersModel,
  data: TrainingData,
  options: RecordTrainingOptions,
): Promise<TrainingRecording>;
export async function recordTraining(
  model: tf.LayersModel,
  data: TrainingInputs,
  options: RecordTrainingOptions,
): Promise<TrainingRecording<tf.Tensor>>;
export async function recordTraining(
  model: tf.LayersModel,
  data: TrainingData | TrainingInputs,
  options: RecordTrainingOptions,
): Promise<TrainingRecording<tf.Tensor>> {
  const checked = checkOptions(recordTrainingOptions, options),
    { folder, images: wanted, method, methodOptions = {}, target, schedule, classNames, resume, onProgress } = checked,
    { signal = notebookHost()?.signal } = checked;
  const given = checkRecordedImages(wanted);
  const { name, explain } = namedMethod(method);
  const training = pickOptions(ownTraining, options);
  checkTraining(model, training);
  const vision = fromLayersModel<Model>(model, {
    classNames: classNames ?? ("classNames" in data ? data.classNames : undefined),
  });
  await ready();
  return withTensors(async (own) => {
    const images = own(await checkInputs(given, vision)),
      count = images.shape[0],
      { labels } = wanted;
    if (labels && labels.length !== count)
      badInput({ what: "the number of images.labels", got: labels.length, allowed: `${count}, one for each image` });
    if (labels) checkLabels(labels, vision.classNames.length, "images.labels");
    const targets = target !== undefined ? resolveTarget(target, vision.classNames, count) : labels;
    const pixels = await trainingPixels(data, vision);
    const { epochs } = checked,
      stepsPerEpoch = stepsInEpoch(pixels.labels.length, checked);
    const steps = scheduledSteps(schedule, epochs * stepsPerEpoch);
    const look = { explain, options: methodOptions, targets, signal };
    // Before any training: what the method refuses is refused now, and the shape of its maps is known.
    const { mapShape } = await makeFrame(vision, images, look);
    const { onStep, onEpoch, reportEvery, ...settings } = training;
    const header = plain<RecordingHeader>({
      format: "vitrine-recording",
      version: 1,
      method: name,
      options: { ...methodOptions, ...(target !== undefined && { target: targets }) },
      classNames: vision.classNames,
      labels,
      imageShape: images.shape,
      mapShape,
      steps,
      stepsPerEpoch,
      totalSteps: epochs * stepsPerEpoch,
      training: settings,
      data: fingerprint(pixels.pixels, pixels.labels),
      images: fingerprint(await floatsOf(images), targets),
    });
    const writer = await begin(folder, header, images, resume);
    const ended = whenCutOff(() => void writer.close());
    const progress = startProgress({ label: "training", total: header.totalSteps, onProgress });
    let begun = false;
    const record = async ({ done, loss, accuracy }: TrainingStep): Promise<void> => {
      if (!begun) await goOn(writer, folder, header, done);
      progress.advance(
        begun ? 1 : done,
        Number.isNaN(loss) ? undefined : `loss ${loss.toFixed(3)}, accuracy ${(100 * accuracy).toFixed(0)} %`,
      );
      begun = true;
      if (header.steps[writer.frames] === done)
        await writer.append({ step: done, loss, accuracy, ...(await makeFrame(vision, images, look)) });
      // Here the training state is written, which must not be ahead of the frames.
      if (done % stepsPerEpoch === 0) await writer.flush();
    };
    try {
      await train(model, pixels, { ...training, signal, checkpointDir: folder, onMinibatch: record });
    } finally {
      progress.end();
      ended();
      await writer.close();
    }
    return openRecording(folder);
  });
}

/** As it looks when it has been read from a file. */
const plain = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      part instanceof tf.Tensor ? `tensor [${(part as tf.Tensor).shape.join(", ")}]` : part,
    ),
  ) as T;

/** Opens the folder's recording to go on with it, or makes one. */
async function begin(
  folder: string,
  header: RecordingHeader,
  images: tf.Tensor,
  resume: boolean,
): Promise<FrameWriter> {
  const found = resume ? await readHeader(folder) : undefined;
  if (found && !isDeepStrictEqual(found, header)) {
    const { method, imageShape, training } = found;
    badInput({
      what: "folder",
      got: folder,
      allowed:
        `one without a recording, or with one of this run; it has ${method} of ${imageShape[0]} images, training ` +
        `${JSON.stringify(training)}`,
      remedy: "Give another folder, or resume: false to replace it.",
    });
  }
  try {
    await mkdir(folder, { recursive: true });
    if (!found) for (const file of [files.header, files.state, files.frames]) await rm(file(folder), { force: true });
  } catch (error) {
    throw writeError(files.header(folder), error);
  }
  if (!found) {
    await writeNpy(files.images(folder), { dtype: "float32", shape: images.shape, data: await floatsOf(images) });
    // Last: a folder without a header holds no recording.
    await writeAtomically(files.header(folder), `${JSON.stringify(header)}\n`);
  }
  return FrameWriter.open(folder, header, found ? await countWholeFrames(folder, header) : 0);
}

/** Frames after where the training goes on come again. */
async function goOn(writer: FrameWriter, folder: string, { steps }: RecordingHeader, done: number): Promise<void> {
  const before = steps.filter((step) => step < done).length;
  if (writer.frames < before)
    badInput({
      what: "folder",
      got: folder,
      allowed: `a recording with the ${before} frames that its training state counts on; it has ${writer.frames}`,
      remedy: "resume: false starts again.",
    });
  await writer.keep(before + (steps[before] === done ? 1 : 0));
}

/** Kebab-case or the function's own name: `input-x-gradient`, `inputXGradient`. @throws BadInputError */
function namedMethod(name: string): { name: string; explain: AttributionMethod["explain"] } {
  const found = Object.entries(attributionMethods).find(
    ([kebab, { explain }]) => kebab === name || explain.name === name,
  );
  if (!found)
    badInput({
      what: "method",
      got: name,
      allowed: "the name of an attribution method",
      remedy: `Did you mean ${nearNames(String(name), Object.keys(attributionMethods), 2).join(" or ")}?`,
    });
  return { name: found[0], explain: found[1].explain };
}

interface FrameMakerOptions {
  readonly explain: AttributionMethod["explain"];
  readonly options: AttributionOptions;
  /** Classes explained. Default: those predicted at each frame. */
  readonly targets?: readonly number[];
  readonly signal?: AbortSignal;
}

type MadeFrame = Pick<RawFrame, "targets" | "probabilities" | "maps"> & { readonly mapShape: readonly number[] };

/**
 * What a network in training makes of the same inputs now. @param images [images, height, width, channels] or other
 * inputs, checked
 */
async function makeFrame(
  model: Model,
  images: tf.Tensor,
  { explain, options, targets, signal }: FrameMakerOptions,
): Promise<MadeFrame> {
  const count = images.shape[0],
    classes = model.classNames.length;
  const probabilities = new Float32Array(count * classes);
  for (const { first, count: some } of ranges(count, options.batchSize ?? defaultBatchSize(model))) {
    const part = tf.tidy(() => model.probabilities(tf.slice(images, first, some)));
    probabilities.set((await part.data()) as Float32Array, first * classes);
    part.dispose();
  }
  const target =
    targets ??
    Array.from({ length: count }, (_, i) => firstMaximum(probabilities.subarray(i * classes, (i + 1) * classes)));
  // Methods that need images refuse other inputs themselves.
  const attribution = await explain(model as VisionModel, images, {
    ...options,
    target,
    signal,
    onProgress: () => undefined,
  });
  try {
    return {
      targets: Int32Array.from(target),
      probabilities,
      maps: (await attribution.values.data()) as Float32Array,
      mapShape: [...attribution.values.shape],
    };
  } finally {
    attribution.dispose();
  }
}
