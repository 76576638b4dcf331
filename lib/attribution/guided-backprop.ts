import type { Inputs, Model, Values } from "../model/vision-model";
import { checkOptions } from "../core/options";
import { attributionOptions, type Attribution, type AttributionOptions } from "./attribution";
import { checkModel } from "../model/check-model";
import { byRectifiers } from "./check-rectifiers";
import { explain } from "./explain";

/**
 * Guided backpropagation: the gradient of the target's logit, except that each ReLU passes back only what is
 * positive, and only where it was active (Springenberg et al. 2015, "Striving for Simplicity", arXiv:1412.6806).
 * It shows what the network's features respond to; how little it depends on the target is worth a look.
 * @param inputs with or without the batch, in the model's bounds; of a network of several inputs a list
 * @returns values in the shape of the inputs, signed; of a network without rectifiers the plain gradient, which the
 *   first call for a network says in a warning
 * @throws BadInputError, also for a network with leaky rectifiers; InterruptedError
 */
export async function guidedBackprop<M extends Model>(
  model: M,
  inputs: Inputs,
  options: AttributionOptions = {},
): Promise<Attribution<AttributionOptions, Values<M>>> {
  checkModel(model);
  const checked = checkOptions(attributionOptions, options);
  const method = { name: "guided backprop", plain: "the plain gradient, as saliency gives it" };
  return byRectifiers(model, method, () =>
    explain(model, inputs, {
      method: "guided-backprop",
      schema: attributionOptions,
      options: checked,
      step: ({ inputs, rows, gradient }) => gradient(inputs, rows, "guided"),
    }),
  );
}
