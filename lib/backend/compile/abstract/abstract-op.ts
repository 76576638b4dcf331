import type * as tf from "@tensorflow/tfjs";

/** What is known of a tensor without its values. */
export interface Abstract {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** An op as a rule for its outputs sees it. */
export interface AbstractOp {
  readonly name: string;
  readonly inputs: readonly Abstract[];
  /** An attribute as TF.js gives it. */
  attribute(name: string): unknown;
  /** The values of an input that is made in JavaScript, such as a shape or axes; undefined for any other. */
  integers(input: number): readonly number[] | undefined;
}

/** @returns undefined where it does not know: the op then runs, on zeros */
export type Rule = (op: AbstractOp) => readonly Abstract[] | undefined;
