// Gradients added up along a training.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import type { Attribution } from "../attribution/attribution";
import { type Target, resolveTarget } from "../model/target";
import { saliency } from "../attribution/saliency";
import { withTensors } from "../core/tensors";
import { checkpoint, notebookHost } from "../runtime/host";
import { type ProgressReport, startProgress } from "../runtime/progress";
import { badInput } from "../core/errors";
import { inputXGradient } from "../attribution/input-x-gradient";
import {
  checkOptions,
  integer,
  oneOf,
  pickOptions,
  progressAndSignal,
  target,
  without,
  type Schema,
} from "../core/options";
import { checkInputs } from "../model/checks";
import { fromLayersModel } from "../model/adapters";
import type { Model } from "../model/vision-model";
import {
  checkRecordedImages,
  recordedOption,
  type RecordedImages,
  type RecordedInputs,
  checkLabels,
  trainingPixels,
  type TrainingData,
  type TrainingInputs,
} from "./recording/training-data";
import {
  isRecording,
  type TrainingRecording,
  scheduledSteps,
  scheduleOption,
  type RecordingSchedule,
} from "./recording/training-recording";
import { checkTraining, stepsInEpoch, train, trainOptions, type TrainOptions } from "./train";

export interface IntegrateOverTrainingOptions extends Omit<TrainOptions, "checkpointDir" | "onMinibatch"> {
  /** What is explained; where the network's inputs are no images `{ inputs, labels }`. */
  images: RecordedImages | RecordedInputs;
  /** The class whose logit is differentiated, the same all the way. Default: each image's label. */
  target?: Target;
  /**
   * What is added up: the `gradient`; or `input-x-gradient`. Of images that is the sum times the image; of tokens,
   * whose vectors learn too, the product of each moment's gradient with that moment's vectors. Default: "gradient".
   */
  of?: TrainingIntegral["of"];
  /** At which minibatches the gradient is added, 0 meaning before the first. Default: { every: 1 }. */
  schedule?: RecordingSchedule;
  /** Most images in one pass for the gradient. Integer ≥ 1. Default: 32. */
  imageBatchSize?: number;
  /**
   * Called after every minibatch. Default: for work longer than a second a bar in the notebook, or a line on a
   * terminal.
   */
  onProgress?: (report: ProgressReport) => void;
}

/** What `train` itself is given here. */
const ownTraining = without(trainOptions, "signal");

export const integrateOverTrainingOptions = {
  ...without(trainOptions, "checkpointDir", "onMinibatch"),
  images: recordedOption("what is explained"),
  target: target<Target>({ rule: "each image's label", help: "the class whose logit is differentiated, all the way" }),
  of: oneOf(["gradient", "input-x-gradient"], { default: "gradient", help: "what is added up" }),
  schedule: scheduleOption(1, "at which minibatches the gradient is added, 0 meaning before the first"),
  imageBatchSize: integer({ least: 1, default: 32, help: "most images in one pass for the gradient" }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<IntegrateOverTrainingOptions>;

/** What the sum is made of. */
export interface TrainingIntegral {
  readonly target: readonly number[];
  /** How many gradients were added up. */
  readonly terms: number;
  /**
   * `gradient`; or `input-x-gradient`: of images the sum times the image, of tokens a sum of products with the vectors
   * of each moment.
   */
  readonly of: "gradient" | "input-x-gradient";
}

/**
 * Input gradients summed along the path that training takes: Σₜ ∇ₓ logit(x; θₜ) over the weights θₜ before, between and
 * after the minibatches. Where integrated gradients move the image and hold the network still, this moves the network
 * and holds the image: so it needs no baseline, and takes what has none, a text for instance. Of tokens the gradients
 * are those behind their embedding: Σₜ ∇ₑ logit, at the vectors e that they have at t. These learn too, so that `of:
 * "input-x-gradient"`, Σₜ eₜ ∇ₑ logit, is what says how a token counted. From a recording (of signed `saliency`, or of
 * signed `input-x-gradient`, which gives the sum times the image), its frames are summed. With a model and data, the
 * model is trained, in place, as `recordTraining` would, and nothing is written.
 * @returns values [images, height, width, channels], in logits per unit of pixel value; of tokens [inputs, steps,
 * length of a vector]; the
 *   caller disposes of them
 * @throws BadInputError; FileError for a damaged frame; InterruptedError
 */
export async function integrateOverTraining<Maps extends tf.Tensor>(
  recording: TrainingRecording<Maps>,
): Promise<Attribution<TrainingIntegral, Maps>>;
export async function integrateOverTraining(
  model: tf.LayersModel,
  data: TrainingData,
  options: IntegrateOverTrainingOptions,
): Promise<Attribution<TrainingIntegral>>;
export async function integrateOverTraining(
  model: tf.LayersModel,
  data: TrainingInputs,
  options: IntegrateOverTrainingOptions,
): Promise<Attribution<TrainingIntegral, tf.Tensor>>;
export async function integrateOverTraining(
  from: TrainingRecording<tf.Tensor> | tf.LayersModel,
  data?: TrainingData | TrainingInputs,
  options?: IntegrateOverTrainingOptions,
): Promise<Attribution<TrainingIntegral, tf.Tensor>> {
  await ready();
  return isRecording(from) ? overRecording(from) : overRun(from, data!, options!);
}

async function overRecording(
  recording: TrainingRecording<tf.Tensor>,
): Promise<Attribution<TrainingIntegral, tf.Tensor>> {
  const { method, options, mapShape } = recording.header,
    signal = notebookHost()?.signal;
  const signed =
    method === "saliency"
      ? !options.abs && (options.score ?? "logit") === "logit"
      : method === "input-x-gradient" && (options.variant ?? "signed") === "signed";
  if (!signed)
    badInput({
      what: "recording",
      got: `${method} ${JSON.stringify(options)}`,
      allowed: "a recording of signed saliency of the logit, or of signed input-x-gradient",
    });
  if (recording.frames === 0) badInput({ what: "recording", got: "without a frame", allowed: "at least one" });
  const sum = new Sum();
  let target: number[] = [];
  const progress = startProgress({ label: "integrating over training", total: recording.frames });
  try {
    for (let i = 0; i < recording.frames; i++) {
      await checkpoint(signal);
      const { targets, maps } = await recording.readRaw(i);
      if (i > 0 && targets.some((each, image) => each !== target[image])) {
        badInput({
          what: "recording",
          got: `of the class predicted at each moment, which changes at frame ${i}`,
          allowed: "one of the same class all the way",
          remedy: "Record with images.labels or target.",
        });
      }
      target = Array.from(targets);
      sum.add(maps);
      progress.advance();
    }
  } finally {
    progress.end();
  }
  return sum.attribution(mapShape, {
    target,
    terms: recording.frames,
    of: method === "saliency" ? "gradient" : "input-x-gradient",
  });
}

async function overRun(
  model: tf.LayersModel,
  data: TrainingData | TrainingInputs,
  options: IntegrateOverTrainingOptions,
): Promise<Attribution<TrainingIntegral, tf.Tensor>> {
  const checked = checkOptions(integrateOverTrainingOptions, options ?? {}),
    { images: wanted, target: asked, of, schedule, imageBatchSize, onProgress } = checked,
    { signal = notebookHost()?.signal } = checked;
  const given = checkRecordedImages(wanted),
    training = pickOptions(ownTraining, options);
  checkTraining(model, training);
  const vision = fromLayersModel<Model>(model, { classNames: "classNames" in data ? data.classNames : undefined });
  return withTensors(async (own) => {
    const images = own(await checkInputs(given, vision)),
      count = images.shape[0];
    if (asked === undefined && wanted.labels?.length !== count)
      badInput({ what: "images.labels", got: wanted.labels, allowed: `${count}, one for each image, or a target` });
    const target = asked === undefined ? [...wanted.labels!] : resolveTarget(asked, vision.classNames, count);
    checkLabels(target, vision.classNames.length, "images.labels");
    const pixels = await trainingPixels(data, vision);
    const total = checked.epochs * stepsInEpoch(pixels.labels.length, checked),
      wantedSteps = new Set(scheduledSteps(schedule, total));
    const sum = new Sum(),
      explain = of === "gradient" ? saliency : inputXGradient,
      progress = startProgress({ label: "training", total, onProgress });
    let shape: readonly number[] = [];
    try {
      await train(model, pixels, {
        ...training,
        signal,
        onMinibatch: async ({ done }) => {
          if (done > 0) progress.advance();
          if (!wantedSteps.has(done)) return;
          const gradient = await explain(vision, images, {
            target,
            batchSize: imageBatchSize,
            signal,
            onProgress: () => undefined,
          });
          try {
            shape = gradient.values.shape;
            sum.add(await gradient.values.data());
          } finally {
            gradient.dispose();
          }
        },
      });
    } finally {
      progress.end();
    }
    return sum.attribution(shape, { target, terms: wantedSteps.size, of });
  });
}

/** In double precision: thousands of terms of either sign are added. */
class Sum {
  private values = new Float64Array(0);

  add(terms: ArrayLike<number>): void {
    if (this.values.length === 0) this.values = new Float64Array(terms.length);
    for (let i = 0; i < terms.length; i++) this.values[i] += terms[i];
  }

  attribution(shape: readonly number[], options: TrainingIntegral): Attribution<TrainingIntegral, tf.Tensor> {
    const values = tf.tensor(Float32Array.from(this.values), [...shape]);
    return {
      values,
      target: options.target,
      method: "integrate-over-training",
      options,
      dispose: () => values.dispose(),
    };
  }
}
