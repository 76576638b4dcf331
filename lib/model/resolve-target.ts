import * as tf from "@tensorflow/tfjs";
import type { ClassRef, Target } from "../attribution/attribution";
import { checkpoint } from "../course/checkpoint";
import { badInput } from "../errors";
import { nearNames } from "../util/near-names";
import type { VisionModel } from "./vision-model";

/**
 * Turns what a caller names into class indices.
 * @param target one class for all images, or one per image; an index, or a name (case-sensitive)
 * @param count number of images
 * @returns one index per image
 * @throws BadInputError on an unknown or ambiguous name, an index out of range, another number of targets than images
 */
export function resolveTarget(target: Target, classNames: readonly string[], count: number): number[] {
  if (!Array.isArray(target)) return new Array<number>(count).fill(classIndex(target as ClassRef, classNames));
  if (target.length !== count) {
    badInput({ what: "the number of targets", got: target.length, allowed: `1, or ${count}: one per image` });
  }
  return target.map((ref: ClassRef) => classIndex(ref, classNames));
}

/** The index of one class, by index or name. @throws BadInputError */
export function classIndex(ref: ClassRef, classNames: readonly string[]): number {
  if (typeof ref === "string") return indexOfName(ref, classNames);
  if (Number.isInteger(ref) && ref >= 0 && ref < classNames.length) return ref;
  badInput({ what: "target", got: ref, allowed: `a class name or an integer from 0 to ${classNames.length - 1}` });
}

function indexOfName(name: string, classNames: readonly string[]): number {
  const indices = classNames.flatMap((candidate, index) => (candidate === name ? [index] : []));
  if (indices.length === 1) return indices[0];
  if (indices.length > 1) {
    badInput({ what: "target", got: name, allowed: "a name that one class has", remedy: `Classes ${indices.join(" and ")} share it: give the index.` });
  }
  const near = nearNames(name, classNames).map((candidate) => `${candidate} (${classNames.indexOf(candidate)})`);
  badInput({ what: "target", got: name, allowed: `one of the ${classNames.length} class names or indices`, remedy: `Did you mean ${near.join(" or ")}?` });
}

/**
 * The class that the model finds most probable for each image; of several equals the lowest index.
 * @param images [batch, height, width, channels], checked
 * @param batchSize most images in one pass
 */
export async function predictedClasses(model: VisionModel, images: tf.Tensor4D, batchSize = 32, signal?: AbortSignal): Promise<number[]> {
  const indices: number[] = [];
  for (let start = 0; start < images.shape[0]; start += batchSize) {
    await checkpoint(signal);
    const logits = tf.tidy(() => model.logits(tf.slice(images, start, Math.min(batchSize, images.shape[0] - start))));
    try {
      const values = await logits.data(), classes = logits.shape[1];
      // TF.js's argMax does not promise which of several equals it returns.
      for (let i = 0; i < logits.shape[0]; i++) indices.push(firstMaximum(values.subarray(i * classes, (i + 1) * classes) as Float32Array));
    } finally {
      logits.dispose();
    }
  }
  return indices;
}

/** The index of the largest value, of several the first. */
export function firstMaximum(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
