import * as tf from "@tensorflow/tfjs";
import type { Inputs, Model, Values } from "../model/vision-model";
import { boolean, checkOptions, type Schema } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { explain } from "./explain";

export interface SaliencyOptions extends AttributionOptions {
  /** Absolute values instead of signed ones. Default: false (Captum's is true). */
  abs?: boolean;
}

export const saliencyOptions = {
  ...attributionOptions,
  abs: boolean({ default: false, help: "absolute values instead of signed ones" }),
} satisfies Schema<SaliencyOptions>;

/**
 * The gradient of the target's logit (or another `score`) with respect to the input (Simonyan, Vedaldi & Zisserman
 * 2013, "Deep Inside Convolutional Networks", arXiv:1312.6034).
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs, in logits (or the score's unit) per unit of input
 * @throws BadInputError, InterruptedError
 * @example const { values } = await saliency(model, images, { target: "tabby" });
 */
export async function saliency<M extends Model>(
  model: M,
  inputs: Inputs,
  options: SaliencyOptions = {},
): Promise<Attribution<SaliencyOptions, Values<M>>> {
  const checked = checkOptions(saliencyOptions, options),
    { abs } = checked;
  return explain(model, inputs, {
    method: "saliency",
    schema: saliencyOptions,
    options: checked,
    step: ({ inputs, rows, gradient }) => (abs ? tf.abs(gradient(inputs, rows)) : gradient(inputs, rows)),
  });
}
