import type * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { checkEpsilons, type Epsilon } from "../attack/attack";
import { notebookHost } from "../runtime/host";
import type { ProgressReport } from "../runtime/progress";
import { startProgress } from "../runtime/progress-tracker";
import { badInput } from "../core/errors";
import { checkImages } from "../model/check-images";
import { fromLayersModel } from "../model/from-layers-model";
import { resolveTarget } from "../model/resolve-target";
import { measureAdversaries, type AdversarialMeasure } from "./measure-adversaries";
import { checkRecordedImages, type RecordedImages } from "./recording/recorded-images";
import { trainingPixels, type TrainingData } from "./recording/training-data";
import { checkTraining, stepsInEpoch, train, type TrainOptions } from "./train";

export interface AdversariesThroughTrainingOptions extends Omit<TrainOptions, "checkpointDir" | "onEpoch"> {
  /** The images that are attacked, with their classes; none of them should be trained on. */
  images: Required<RecordedImages>;
  /** Sizes of FGSM's step, in units of [0, 1]: one, or several. */
  epsilon: Epsilon;
  /** Called before training and after each epoch with what was measured. Default: nothing. */
  onEpoch?: (epoch: AdversarialEpoch) => void | Promise<void>;
  /** Called after every minibatch. Default: a bar. */
  onProgress?: (report: ProgressReport) => void;
}

export interface AdversarialEpoch extends AdversarialMeasure {
  /** Epochs trained; 0: before training. */
  readonly epoch: number;
}

/**
 * Trains a classifier, in place, and measures before the first epoch and after each how easily FGSM fools it. With
 * `adversarial` it is
 * trained on FGSM images with their right labels, which is how a network that is trained already is made harder to
 * fool. Measuring
 * does not change the training.
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
  const {
    images: attacked,
    epsilon,
    onEpoch,
    onProgress,
    onMinibatch,
    signal = notebookHost()?.signal,
    ...trainOptions
  } = options;
  checkTraining(model, trainOptions);
  checkRecordedImages(attacked);
  if (!Array.isArray(attacked.labels))
    badInput({ what: "images.labels", got: attacked.labels, allowed: "the class of each image" });
  const vision = fromLayersModel(model);
  checkEpsilons(epsilon, "linf", vision);
  await ready();
  const images = await checkImages(attacked.images, vision);
  const progress = startProgress({
    label: "training and attacking",
    total: trainOptions.epochs * stepsInEpoch(data.labels.length, trainOptions),
    onProgress,
  });
  try {
    resolveTarget([...attacked.labels], vision.classNames, images.shape[0]);
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
      ...trainOptions,
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
