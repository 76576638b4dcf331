// How easily a network is fooled, at one moment and at every age.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { attackOptions, checkEpsilons, epsilonOption, type Epsilon } from "../attack/attack";
import { notebookHost } from "../runtime/host";
import { type ProgressReport, startProgress } from "../runtime/progress";
import { badInput } from "../core/errors";
import { checkImages, checkModel } from "../model/checks";
import { fromLayersModel } from "../model/adapters";
import { resolveTarget, type Target } from "../model/target";
import { checkRecordedImages, type RecordedImages, trainingPixels, type TrainingData } from "./recording/training-data";
import { checkTraining, stepsInEpoch, train, trainOptions, type TrainOptions } from "./train";
import { callback, checkOptions, other, pickOptions, progressAndSignal, without, type Schema } from "../core/options";
import { ranges } from "../core/chunks";
import { fgsm } from "../attack/fgsm";
import type { ImageInput, VisionModel } from "../model/vision-model";

export interface AdversariesThroughTrainingOptions extends Omit<TrainOptions, "checkpointDir" | "onEpoch"> {
  /** The images that are attacked, with their classes; none of them should be trained on. */
  images: Required<RecordedImages>;
  /** Sizes of FGSM's step, in units of [0, 1]: one, or several. */
  epsilon: Epsilon;
  /** Called before training and after each epoch with what was measured. Default: nothing. */
  onEpoch?: (epoch: AdversarialEpoch) => void | Promise<void>;
  /**
   * Called after every minibatch. Default: for work longer than a second a bar in the notebook, or a line on a
   * terminal.
   */
  onProgress?: (report: ProgressReport) => void;
}

/** What `train` itself is given here. */
const ownTraining = without(trainOptions, "checkpointDir", "onEpoch", "onMinibatch", "signal");

export const adversariesThroughTrainingOptions = {
  ...without(trainOptions, "checkpointDir"),
  images: other<Required<RecordedImages>>("{ images, labels }", {
    required: true,
    help: "the images that are attacked, with their classes",
  }),
  epsilon: epsilonOption,
  onEpoch: callback<(epoch: AdversarialEpoch) => void | Promise<void>>({
    help: "called before training and after each epoch with what was measured",
  }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<AdversariesThroughTrainingOptions>;

export interface AdversarialEpoch extends AdversarialMeasure {
  /** Epochs trained; 0: before training. */
  readonly epoch: number;
}

/**
 * Trains a classifier, in place, and measures before the first epoch and after each how easily FGSM fools it. With
 * `adversarial` it is trained on FGSM images with their right labels, which is how a network that is trained already is
 * made harder to fool. Measuring does not change the training.
 * @returns one entry for each epoch, after one for the network as it was
 * @throws BadInputError, InterruptedError
 * @example const epochs = await adversariesThroughTraining(network, garments, { images: some, epsilon: [0.02, 0.05],
 * epochs: 5 });
 *   show(robustnessCurve({ "FGSM, 0.02": epochs.map(({ epoch, points }) => ({ epsilon: epoch, share: points[0].unfooled
 *   })) }, { axis: "epochs" }))
 */
export async function adversariesThroughTraining(
  model: tf.LayersModel,
  data: TrainingData,
  options: AdversariesThroughTrainingOptions,
): Promise<AdversarialEpoch[]> {
  const checked = checkOptions(adversariesThroughTrainingOptions, options),
    { images: attacked, epsilon, onEpoch, onProgress, onMinibatch, signal = notebookHost()?.signal } = checked;
  const training = pickOptions(ownTraining, options);
  checkTraining(model, training);
  checkRecordedImages(attacked);
  if (!Array.isArray(attacked.labels))
    badInput({ what: "images.labels", got: attacked.labels, allowed: "the class of each image" });
  const vision = fromLayersModel(model);
  checkEpsilons(epsilon, "linf", vision);
  await ready();
  const images = await checkImages(attacked.images, vision);
  const progress = startProgress({
    label: "training and attacking",
    total: checked.epochs * stepsInEpoch(data.labels.length, checked),
    onProgress,
  });
  try {
    resolveTarget([...(attacked.labels as readonly number[])], vision.classNames, images.shape[0]);
    const pixels = await trainingPixels(data, vision),
      epochs: AdversarialEpoch[] = [];
    const measure = async (epoch: number): Promise<void> => {
      const measured = await measureAdversaries(vision, images, [...attacked.labels], {
        epsilon,
        batchSize: 256,
        signal,
        onProgress: () => undefined,
      });
      epochs.push({ epoch, ...measured });
      await onEpoch?.(epochs[epoch]);
    };
    await measure(0);
    await train(model, pixels, {
      ...training,
      signal,
      onMinibatch: async (step) => {
        await onMinibatch?.(step);
        if (step.done > 0) progress.advance(1, `loss ${step.loss.toFixed(3)}`);
      },
      onEpoch: measure,
    });
    return epochs;
  } finally {
    progress.end();
    images.dispose();
  }
}

export interface MeasureAdversariesOptions {
  /** Sizes of FGSM's step, in units of the model's bounds, [0, 1]: one, or several. */
  epsilon: Epsilon;
  /** Most images in one pass through the model: bounds memory. Integer ≥ 1. Default: 32. */
  batchSize?: number;
  /**
   * Called as images are attacked. Default: for work longer than a second a bar in the notebook, or a line on a
   * terminal.
   */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

export const measureAdversariesOptions = {
  epsilon: epsilonOption,
  ...without(attackOptions, "criterion", "target"),
} satisfies Schema<MeasureAdversariesOptions>;

/** What FGSM of one size does to a set of images. Shares are of all images, 0 to 1. */
export interface AdversarialPoint {
  readonly epsilon: number;
  /**
   * Share whose predicted class the attack changes, right or wrong before: what an untrained network can be asked as
   * well.
   */
  readonly success: number;
  /** Share that stays unfooled: 1 − success. */
  readonly unfooled: number;
  /** Share that is right before the attack and after it. */
  readonly robustAccuracy: number;
}

export interface AdversarialMeasure {
  /** Share that is right without an attack. */
  readonly accuracy: number;
  /** One for each epsilon, in the order given. */
  readonly points: readonly AdversarialPoint[];
}

/**
 * How easily FGSM fools a network: success, and the share of unfooled inputs, at one or more sizes. No adversarial
 * image is kept.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @param labels the true classes: one for all, or one per image
 * @throws BadInputError, InterruptedError
 */
export async function measureAdversaries(
  model: VisionModel,
  images: ImageInput,
  labels: Target,
  options: MeasureAdversariesOptions,
): Promise<AdversarialMeasure> {
  checkModel(model);
  const { epsilon, ...checked } = checkOptions(measureAdversariesOptions, options);
  const { batchSize, onProgress, signal = notebookHost()?.signal } = checked;
  const epsilons = checkEpsilons(epsilon, "linf", model),
    all = await checkImages(images, model);
  const progress = startProgress({ label: "fgsm", total: all.shape[0], onProgress });
  try {
    const truth = resolveTarget(labels, model.classNames, all.shape[0]);
    const fooled = epsilons.map(() => 0),
      withstood = epsilons.map(() => 0);
    let right = 0;
    for (const { first, count } of ranges(all.shape[0], batchSize)) {
      const some = tf.slice(all, first, count);
      try {
        const results = await fgsm(model, some, { epsilon: epsilons, batchSize, signal, onProgress: () => undefined });
        const correct = results[0].predictedBefore.map((index, i) => index === truth[first + i]);
        right += correct.filter(Boolean).length;
        results.forEach(({ success, dispose }, e) => {
          fooled[e] += success.filter(Boolean).length;
          withstood[e] += success.filter((changed, i) => !changed && correct[i]).length;
          dispose();
        });
      } finally {
        some.dispose();
      }
      progress.advance(count);
    }
    const share = (count: number): number => count / all.shape[0];
    return {
      accuracy: share(right),
      points: epsilons.map((epsilon, e) => ({
        epsilon,
        success: share(fooled[e]),
        unfooled: 1 - share(fooled[e]),
        robustAccuracy: share(withstood[e]),
      })),
    };
  } finally {
    progress.end();
    all.dispose();
  }
}
