// When an attack has succeeded: of one input, and how many of all.

import * as tf from "@tensorflow/tfjs";
import { type Target, resolveTarget } from "../model/target";
import { badInput } from "../core/errors";
import { decide, outputOf, targetRows, tellsTwoApart, type Outputs } from "../model/outputs";

/** When an attack has succeeded; {@link misclassified} and {@link targeted} make one. */
export type Criterion =
  | { readonly kind: "misclassified"; readonly labels?: Target }
  | { readonly kind: "targeted"; readonly classes: Target };

/**
 * The input is predicted as another class than this one; of several sigmoids, this label's is on the other side of ½.
 * @param labels the true classes: one for all inputs, or one per input. Inputs that the model gets wrong anyway count
 *   as fooled, as they do in an accuracy. Default: each input's predicted class before the attack.
 */
export function misclassified(labels?: Target): Criterion {
  return { kind: "misclassified", ...(labels !== undefined && { labels }) };
}

/**
 * The input is predicted as this class (of several sigmoids, as having this label): one for all inputs, or one per
 * input.
 */
export function targeted(classes: Target): Criterion {
  if (classes === undefined)
    badInput({ what: "classes", got: classes, allowed: "a class index or name, or one per image" });
  return { kind: "targeted", classes };
}

/** A criterion for given inputs: the class that each has to leave, or to reach. */
export interface Goal {
  readonly targeted: boolean;
  /** One index per input. */
  readonly classes: readonly number[];
  /**
   * Of labels (several sigmoids), those that are not there before: to leave them so is what the input has to do. One
   * per input. Default: none.
   */
  readonly absent?: readonly boolean[];
}

/** What the model says of inputs, and whether that fulfils their goal. One of each per input. */
export interface Verdict {
  readonly predicted: readonly number[];
  readonly reached: readonly boolean[];
}

/** @throws BadInputError unless it is one */
export function checkCriterion(criterion: Criterion): Criterion {
  if (criterion?.kind === "misclassified" || (criterion?.kind === "targeted" && criterion.classes !== undefined))
    return criterion;
  return badInput({ what: "criterion", got: criterion, allowed: "misclassified(labels) or targeted(classes)" });
}

/** Each label for itself is there or not; there is no other class that takes its place. */
const hasLabels = (model: Outputs): boolean => outputOf(model) === "sigmoid" && !tellsTwoApart(model);

/** @param logits of each input before the attack @throws BadInputError for classes that the model does not have */
export function resolveCriterion(criterion: Criterion, model: Outputs, logits: readonly Float32Array[]): Goal {
  const given = criterion.kind === "targeted" ? criterion.classes : criterion.labels,
    targeted = criterion.kind === "targeted";
  if (given !== undefined) return { targeted, classes: resolveTarget(given, model.classNames, logits.length) };
  const classes = logits.map((row) => decide(model, row));
  return { targeted, classes, ...(hasLabels(model) && { absent: logits.map((row, i) => row[classes[i]] <= 0) }) };
}

/**
 * Each input's goal as a row that, times the logits, gives how much it is what it has to leave, or to reach. @returns
 * [inputs, units]
 */
export function goalRows(model: Outputs, { classes, absent }: Goal): tf.Tensor2D {
  return tf.tidy(() => {
    const rows = targetRows(model, classes);
    return absent?.includes(true) ? tf.mul(rows, tf.tensor2d(absent.map((not) => [not ? -1 : 1]))) : rows;
  });
}

/** @param logits of each input as it is now */
export function judge(model: Outputs, { targeted, classes, absent }: Goal, logits: readonly Float32Array[]): Verdict {
  const predicted = logits.map((row) => decide(model, row));
  const is = hasLabels(model)
    ? logits.map((row, i) => row[classes[i]] > 0 !== (absent?.[i] ?? false))
    : predicted.map((index, i) => index === classes[i]);
  return { predicted, reached: is.map((yes) => yes === targeted) };
}

/** What of an attack's result says how many it fooled. */
interface Fooled {
  readonly success: readonly boolean[];
  readonly epsilon?: number;
}

/** One point of a robustness curve. */
export interface RobustnessPoint {
  /** Size of the perturbation, in the attack's norm. */
  readonly epsilon: number;
  /** Share of the inputs that stay unfooled, 0 to 1. */
  readonly share: number;
}

/** The share of images that an attack fooled, 0 to 1. */
export function successRate({ success }: Pick<Fooled, "success">): number {
  return success.filter(Boolean).length / success.length;
}

/**
 * The share of inputs that stay unfooled, over the size of the perturbation. Under `misclassified(labels)` with the
 * true labels it is the accuracy under attack, and at epsilon 0 the plain accuracy.
 * @param results of one attack with a list of epsilons, or of several
 * @returns one point for each, by growing epsilon
 */
export function robustAccuracy(results: readonly Fooled[]): RobustnessPoint[] {
  if (!Array.isArray(results) || results.length === 0)
    badInput({ what: "results", got: results, allowed: "the results of an attack with a list of epsilons" });
  return results
    .map(({ epsilon, success }: Fooled) => {
      if (epsilon === undefined)
        badInput({ what: "the epsilon of a result", got: epsilon, allowed: "results of an attack with epsilons" });
      return { epsilon, share: success.filter((fooled) => !fooled).length / success.length };
    })
    .sort((a, b) => a.epsilon - b.epsilon);
}
