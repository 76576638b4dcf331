// What every attack takes and returns: options, sizes, results.

import type * as tf from "@tensorflow/tfjs";
import { attackBatchSize, sizeOf } from "../core/chunks";
import { integer, number, orElse, other, progressAndSignal, target, type Schema } from "../core/options";
import type { Target } from "../model/target";
import type { ProgressReport } from "../runtime/progress";
import type { Criterion } from "./criterion";
import type { Norm, EpsilonNorm } from "./norms";
import { badInput } from "../core/errors";
import type { Model } from "../model/vision-model";

/** The size of a perturbation in units of the model's bounds, [0, 1]; a list asks for one result each. */
export type Epsilon = number | readonly number[];

/** Options every attack takes. */
export interface AttackOptions {
  /** When an image counts as fooled. Default: misclassified(), as another class than before. */
  criterion?: Criterion;
  /**
   * Short for `criterion: targeted(target)`: the class to reach, for all images or one per image. Default: any class
   * but the predicted one.
   */
  target?: Target;
  /** Most images in one pass through the model: bounds memory. Integer ≥ 1. Default: 32. */
  batchSize?: number;
  /** Called as work is done. Default: for work longer than a second a bar in the notebook, or a line on a terminal. */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

export const attackOptions = {
  criterion: other<Criterion>("misclassified(labels) or targeted(classes)", {
    rule: "misclassified(), as another class than before",
    help: "when an image counts as fooled",
    traced: "input",
  }),
  target: target<Target>({
    rule: "any class but the predicted one",
    help: "the class to reach",
    traced: "input",
  }),
  batchSize: integer({
    least: 1,
    default: attackBatchSize,
    help: "most images in one pass through the model: bounds memory",
    traced: "never",
  }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<AttackOptions>;

/** The size of the perturbation that an attack makes. */
export const epsilonOption = number({
  or: orElse<readonly number[]>("several for one result each"),
  required: true,
  unit: "in pixel values of the model's bounds, from 0 on",
  help: "size of the perturbation",
  traced: "input",
});

/** The size to which the perturbation of an attack is cut that finds the smallest by itself. */
export const cutOption = number({
  or: orElse<readonly number[]>("several for one result each"),
  unit: "in pixel values of the model's bounds, from 0 on",
  help: "cuts the perturbation back to this L2 length",
  traced: "input",
});

/** What every attack returns. The caller owns `raw` and `clipped` and disposes of them. */
export interface AttackResult<Options = AttackOptions, V extends tf.Tensor = tf.Tensor4D> {
  /**
   * What the attack made of the images, before it is cut to what pixels (and epsilon) allow. In the shape of the
   * inputs: [batch, height, width, channels]
   */
  readonly raw: V;
  /** The adversarial images: within the model's bounds, and within epsilon where one was given. */
  readonly clipped: V;
  /** Whether the clipped image fulfils the criterion, one per image; so do the other lists. */
  readonly success: readonly boolean[];
  /** Class predicted for the image, by index; of several sigmoids the most probable label. */
  readonly predictedBefore: readonly number[];
  /** Class predicted for the clipped image, by index. */
  readonly predictedAfter: readonly number[];
  /**
   * How many steps the attack took; 0: the image was fooled before, and is as it was. Attacks of a single step always
   * take it.
   */
  readonly iterations: readonly number[];
  /** Size of clipped − image in `norm`. */
  readonly distance: readonly number[];
  /**
   * What the attack keeps small: the root of the sum of squares, the largest change, or the number of pixels changed.
   */
  readonly norm: Norm;
  /** The size allowed, where one was given. */
  readonly epsilon?: number;
  /** Kebab-case name of the attack: `fgsm`. */
  readonly method: string;
  /** The options that decided the result, defaults filled in. */
  readonly options: Readonly<Options>;
  /** Frees the tensors. */
  dispose(): void;
}

/** One result, or where `epsilon` is a list one for each of its entries, in its order. */
export type ResultFor<E, Options = AttackOptions, V extends tf.Tensor = tf.Tensor4D> = E extends readonly number[]
  ? AttackResult<Options, V>[]
  : AttackResult<Options, V>;

/** @param epsilon as the caller gave it */
export function resultFor<E, Options, V extends tf.Tensor>(
  epsilon: E,
  results: AttackResult<Options, V>[],
): ResultFor<E, Options, V> {
  return (Array.isArray(epsilon) ? results : results[0]) as ResultFor<E, Options, V>;
}

/**
 * @returns the sizes as a list
 * @throws BadInputError unless each is a number from 0 to the largest size that a perturbation of the model's images
 * can have
 */
export function checkEpsilons(
  epsilon: Epsilon,
  norm: EpsilonNorm,
  { bounds: [low, high], inputShape }: Model,
): number[] {
  const most = norm === "linf" ? high - low : (high - low) * Math.sqrt(sizeOf(inputShape));
  const list = Array.isArray(epsilon) ? (epsilon as readonly number[]) : [epsilon as number];
  const wrong =
    list.length === 0
      ? epsilon
      : list.find((value) => !(typeof value === "number" && value >= 0 && value <= most && value < Infinity));
  if (list.length === 0 || list.some((value) => value === wrong || Number.isNaN(value))) {
    const bytes = norm === "linf" && (wrong as number) > most && (wrong as number) <= 255;
    badInput({
      what: "epsilon",
      got: list.length === 0 ? "an empty list" : wrong,
      allowed:
        most === Infinity
          ? `a number ≥ 0, or several: the ${names[norm]} of the perturbation`
          : `a number from 0 to ${Number(most.toPrecision(4))}, or several: the ${names[norm]} of the perturbation ` +
            `of an image in [${low}, ${high}]`,
      remedy: bytes ? `For ${String(wrong)} of 255 write ${String(wrong)} / 255.` : undefined,
    });
  }
  return [...list];
}

const names: Readonly<Record<EpsilonNorm, string>> = { linf: "largest change", l2: "L2 norm" };
