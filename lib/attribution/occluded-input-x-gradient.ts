import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";
import type { Inputs, Model, Values } from "../model/vision-model";
import type { Attribution } from "./attribution";
import { explain } from "./explain";
import { absoluteInputXGradient, dividedByMaximum } from "./input-x-gradient";
import { occlusionSteps, type OcclusionOptions } from "./occlusion";

/**
 * Occlusion times gradient × input: where covering moves the target's logit and the network is sensitive to what is
 * there. The fall of the logit, divided by the map's largest absolute value, times input × |gradient|, divided by its
 * own largest.
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs, −1 to 1, with occlusion's sign: positive where covering lowers the logit;
 *   0 everywhere where one of the two is
 * @throws BadInputError, InterruptedError
 */
export async function occludedInputXGradient<M extends Model>(
  model: M,
  inputs: Inputs,
  options: OcclusionOptions,
): Promise<Attribution<OcclusionOptions, Values<M>>> {
  const { finish, ...steps } = await occlusionSteps(model, options);
  if (model.embedding) {
    badInput({
      what: "model",
      got: `${model.name}, which takes tokens`,
      allowed: "one whose inputs can be both covered and differentiated",
      remedy: "Take occlusion, or inputXGradient, by themselves.",
    });
  }
  return explain(model, inputs, {
    ...steps,
    method: "occluded-input-x-gradient",
    finish: (sum, block) => {
      const { values } = finish?.(sum, block) ?? { values: sum };
      const sensitive = absoluteInputXGradient(block.inputs, block.gradient(block.inputs, block.rows));
      return { values: tf.mul(dividedByMaximum(values), sensitive) };
    },
  });
}
