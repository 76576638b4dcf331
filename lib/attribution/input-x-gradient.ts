import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions, oneOf, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { explain } from "./explain";

/** `signed`: input × gradient. `absolute`: input × |gradient|, each input's map divided by its maximum. */
export type InputXGradientVariant = "signed" | "absolute";
export const inputXGradientVariants: readonly InputXGradientVariant[] = ["signed", "absolute"];

export interface InputXGradientOptions extends AttributionOptions {
  /** With signs, or the size of each gradient and each map divided by its maximum. Default: "signed". */
  variant?: InputXGradientVariant;
}

export const inputXGradientOptions = {
  ...attributionOptions,
  variant: oneOf(inputXGradientVariants, {
    default: "signed",
    help: "with signs, or the size of each gradient and each map divided by its maximum",
  }),
} satisfies Schema<InputXGradientOptions>;

/**
 * Input × gradient of the target's logit (or another `score`) (Shrikumar et al. 2016, "Not Just a Black Box",
 * arXiv:1605.01713). A black pixel, value 0, gets 0 whatever the network makes of it.
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs: in logits, or (`absolute`) 0 to 1, 0 everywhere for a map that is
 *   0 everywhere
 * @throws BadInputError, InterruptedError
 */
export async function inputXGradient<M extends Model>(
  model: M,
  inputs: Inputs,
  options: InputXGradientOptions = {},
): Promise<Attribution<InputXGradientOptions, Values<M>>> {
  const checked = checkOptions(inputXGradientOptions, options),
    { variant } = checked;
  return explain(model, inputs, {
    method: "input-x-gradient",
    schema: inputXGradientOptions,
    options: checked,
    step: ({ inputs, rows, gradient }) =>
      variant === "signed"
        ? tf.mul(inputs, gradient(inputs, rows))
        : absoluteInputXGradient(inputs, gradient(inputs, rows)),
  });
}

/** Input × |gradient|, each input's map divided by its maximum. */
export const absoluteInputXGradient = (inputs: tf.Tensor, gradient: tf.Tensor): tf.Tensor =>
  dividedByMaximum(tf.mul(inputs, tf.abs(gradient)));

/** Each input's map divided by its largest absolute value. @param maps [batch, …] */
export function dividedByMaximum(maps: tf.Tensor): tf.Tensor {
  const maximum = tf.max(tf.abs(maps), maps.shape.map((_, axis) => axis).slice(1), true);
  // 0 / 1 where there is no maximum to divide by.
  return tf.div(maps, tf.add(maximum, tf.cast(tf.equal(maximum, 0), "float32")));
}
