import type { Target } from "../attribution/attribution";
import { badInput } from "../errors";
import { resolveTarget } from "../model/resolve-target";

/** When an attack has succeeded; {@link misclassified} and {@link targeted} make one. */
export type Criterion =
  | { readonly kind: "misclassified"; readonly labels?: Target }
  | { readonly kind: "targeted"; readonly classes: Target };

/**
 * The image is predicted as another class than this one.
 * @param labels the true classes: one for all images, or one per image. Images that the model gets wrong anyway count as fooled,
 *   as they do in an accuracy. Default: each image's predicted class before the attack.
 */
export function misclassified(labels?: Target): Criterion {
  return { kind: "misclassified", ...(labels !== undefined && { labels }) };
}

/** The image is predicted as this class: one for all images, or one per image. */
export function targeted(classes: Target): Criterion {
  if (classes === undefined) badInput({ what: "classes", got: classes, allowed: "a class index or name, or one per image" });
  return { kind: "targeted", classes };
}

/** A criterion for given images: the class that each has to leave, or to reach. */
export interface Goal {
  readonly targeted: boolean;
  /** One index per image. */
  readonly classes: readonly number[];
}

/** @throws BadInputError unless it is one */
export function checkCriterion(criterion: Criterion): Criterion {
  if (criterion?.kind === "misclassified" || (criterion?.kind === "targeted" && criterion.classes !== undefined)) return criterion;
  return badInput({ what: "criterion", got: criterion, allowed: "misclassified(labels) or targeted(classes)" });
}

/** @param predicted what the model says of each image before the attack @throws BadInputError for classes that it does not have */
export function resolveCriterion(criterion: Criterion, classNames: readonly string[], predicted: readonly number[]): Goal {
  const given = criterion.kind === "targeted" ? criterion.classes : criterion.labels;
  return { targeted: criterion.kind === "targeted", classes: given === undefined ? [...predicted] : resolveTarget(given, classNames, predicted.length) };
}

/** Which images fulfil it. @param predicted one class per image */
export function reached({ targeted, classes }: Goal, predicted: readonly number[]): boolean[] {
  return predicted.map((index, i) => (index === classes[i]) === targeted);
}
