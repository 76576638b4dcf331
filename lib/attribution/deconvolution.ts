import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { checkModel } from "../model/check-model";
import { byRectifiers } from "./check-rectifiers";
import { explain } from "./explain";

/**
 * Deconvolution: the gradient of the target's logit, except that each ReLU passes back what is positive, whether it
 * was active or not; max-poolings keep their switches (Zeiler & Fergus 2014, "Visualizing and Understanding
 * Convolutional Networks", arXiv:1311.2901).
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs, signed; of a network without rectifiers the plain gradient, which the
 *   first call for a network says in a warning
 * @throws BadInputError, also for a network with leaky rectifiers; InterruptedError
 */
export async function deconvolution<M extends Model>(
  model: M,
  inputs: Inputs,
  options: AttributionOptions = {},
): Promise<Attribution<AttributionOptions, Values<M>>> {
  checkModel(model);
  const checked = checkOptions(attributionOptions, options);
  const method = { name: "deconvolution", plain: "the plain gradient, as saliency gives it" };
  return byRectifiers(model, method, () =>
    explain(model, inputs, {
      method: "deconvolution",
      schema: attributionOptions,
      options: checked,
      step: ({ inputs, rows, gradient }) => gradient(inputs, rows, "deconvolution"),
    }),
  );
}
