import * as tf from "@tensorflow/tfjs";
import type { Target } from "../model/target";
import { checkInteger } from "../core/check-options";
import { checkModel } from "../model/check-model";
import { attackBatchSize, ranges } from "../core/chunks";
import { type Epsilon, checkEpsilons } from "../attack/attack";
import { fgsm } from "../attack/fgsm";
import { notebookHost } from "../runtime/host";
import type { ProgressReport } from "../runtime/progress";
import { startProgress } from "../runtime/progress-tracker";
import { checkImages } from "../model/check-images";
import { resolveTarget } from "../model/resolve-target";
import type { ImageInput, VisionModel } from "../model/vision-model";

export interface MeasureAdversariesOptions {
  /** Sizes of FGSM's step, in units of the model's bounds, [0, 1]: one, or several. */
  epsilon: Epsilon;
  /** Most images in one pass through the model: bounds memory. Integer ≥ 1. Default: 32. */
  batchSize?: number;
  /** Called as images are attacked. Default: a bar, where it takes longer than a second. */
  onProgress?: (report: ProgressReport) => void;
  /** Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

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
  const { batchSize = attackBatchSize, onProgress, signal = notebookHost()?.signal } = options;
  checkInteger("batchSize", batchSize);
  const epsilons = checkEpsilons(options.epsilon, "linf", model),
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
