import * as tf from "@tensorflow/tfjs";
import { checkpoint } from "../runtime/host";
import { badInput } from "../core/errors";
import { nearNames } from "../core/text";
import { checkOneRow, decide, forwardBatchSize } from "./outputs";
import { refuseNotFinite } from "./checks";
import type { Model } from "./vision-model";

/** A class: its index, or its name (case-sensitive; a name that two classes share is refused with both indices). */
export type ClassRef = number | string;

/** One class for all images, or one per image. */
export type Target = ClassRef | readonly ClassRef[];

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
    badInput({
      what: "target",
      got: name,
      allowed: "a name that one class has",
      remedy: `Classes ${indices.join(" and ")} share it: give the index.`,
    });
  }
  const near = nearNames(name, classNames).map((candidate) => `${candidate} (${classNames.indexOf(candidate)})`);
  badInput({
    what: "target",
    got: name,
    allowed: `one of the ${classNames.length} class names or indices`,
    remedy: `Did you mean ${near.join(" or ")}?`,
  });
}

/**
 * The class that the model finds most probable for each input; of several equals the lowest index.
 * @param inputs [batch, …], checked
 * @param batchSize most inputs in one pass
 */
export async function predictedClasses(
  model: Model,
  inputs: tf.Tensor,
  batchSize = forwardBatchSize,
  signal?: AbortSignal,
): Promise<number[]> {
  return (await logitRows(model, inputs, batchSize, signal)).map((row) => decide(model, row));
}

/** Each input's logits. @param inputs [batch, …], checked */
export async function logitRows(
  model: Model,
  inputs: tf.Tensor,
  batchSize = forwardBatchSize,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let start = 0; start < inputs.shape[0]; start += batchSize) {
    await checkpoint(signal);
    const logits = tf.tidy(() => model.logits(tf.slice(inputs, start, Math.min(batchSize, inputs.shape[0] - start))));
    try {
      const [count, units] = checkOneRow(model, logits).shape,
        values = (await logits.data()) as Float32Array;
      const odd = values.findIndex((value) => !Number.isFinite(value));
      if (odd >= 0) await refuseLogits(model, inputs, start + Math.floor(odd / units));
      for (let i = 0; i < count; i++) rows.push(values.subarray(i * units, (i + 1) * units));
    } finally {
      logits.dispose();
    }
  }
  return rows;
}

async function refuseLogits(model: Model, inputs: tf.Tensor, index: number): Promise<never> {
  const input = tf.slice(inputs, index, 1);
  return refuseNotFinite(model, input, `the outputs for input ${index}`).finally(() => input.dispose());
}
