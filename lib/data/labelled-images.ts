// Pictures with their classes, and which of a data set are wanted.
import type * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import { checkOptions, integer, other, type Schema } from "../core/options";
import { nearNames } from "../core/text";

/** Pictures with their classes. */
export interface LabelledImages {
  /** [count, height, width, channels], float32 in [0, 1]. */
  readonly images: tf.Tensor4D;
  /** Class index of each image. */
  readonly labels: number[];
  readonly classNames: string[];
  /**
   * `official`: the published data set. `stand-in`: drawn by a generator, `substitute`: other photographs; neither is
   * ever to be counted in an accuracy.
   */
  readonly source: "official" | "stand-in" | "substitute";
  /** Frees `images`. */
  dispose(): void;
}

/** Which images of a data set. Without any of these: all, in their published order. */
export interface ImageChoice {
  /** Exactly these, in this order: integers from 0. Not together with the others. Default: all. */
  indices?: readonly number[];
  /** Only images of these classes: indices or names. Default: all. */
  classes?: readonly (number | string)[];
  /** At most so many of each class, the first ones. Integer ≥ 1. Default: all. */
  perClass?: number;
  /** At most so many in all, the first ones. Integer ≥ 1. Default: all. */
  count?: number;
}

export const imageChoice = {
  indices: other<readonly number[]>("an array of integers from 0", {
    is: Array.isArray,
    rule: "all",
    help: "exactly these, in this order; not together with the others",
  }),
  classes: other<readonly (number | string)[]>("an array of class indices or names", {
    is: Array.isArray,
    rule: "all",
    help: "only images of these classes",
  }),
  perClass: integer({ least: 1, rule: "all", help: "at most so many of each class, the first ones" }),
  count: integer({ least: 1, rule: "all", help: "at most so many in all, the first ones" }),
} satisfies Schema<ImageChoice>;

/** @returns positions in `labels` @throws BadInputError, also where nothing is left */
export function chooseImages(labels: ArrayLike<number>, choice: ImageChoice, classNames: readonly string[]): number[] {
  const { indices, classes, perClass, count } = checkOptions(imageChoice, choice);
  if (indices) {
    if (classes || perClass !== undefined || count !== undefined)
      badInput({ what: "indices", got: "given together with count, classes or perClass", allowed: "indices alone" });
    if (indices.length === 0) badInput({ what: "indices", got: indices, allowed: "at least one index" });
    const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= labels.length);
    if (wrong !== undefined)
      badInput({ what: "indices", got: wrong, allowed: `integers from 0 to ${labels.length - 1}` });
    return [...indices];
  }
  if (classes && classes.length === 0) badInput({ what: "classes", got: classes, allowed: "at least one class" });
  const wanted = classes && new Set(classes.map((ref) => classIndex(ref, classNames)));
  const taken = new Array<number>(classNames.length).fill(0),
    chosen: number[] = [];
  for (let i = 0; i < labels.length && chosen.length < (count ?? Infinity); i++) {
    const label = labels[i];
    if ((wanted && !wanted.has(label)) || taken[label] >= (perClass ?? Infinity)) continue;
    taken[label]++;
    chosen.push(i);
  }
  return chosen;
}

function classIndex(ref: number | string, classNames: readonly string[]): number {
  const index = typeof ref === "number" ? ref : classNames.indexOf(ref);
  if (Number.isInteger(index) && index >= 0 && index < classNames.length) return index;
  return badInput({
    what: "classes",
    got: ref,
    allowed: `class indices 0 to ${classNames.length - 1}, or names`,
    remedy: typeof ref === "string" ? `Nearest: ${nearNames(ref, classNames).join(", ")}.` : undefined,
  });
}
