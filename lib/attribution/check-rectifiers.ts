import { badInput } from "../errors";
import type { Model } from "../model/vision-model";

/** Kinds of layers and graph nodes that let something pass below 0, too. */
const leaky = /^(leaky_?relu|p_?relu)$/i;

/**
 * Guided backprop and deconvolution are defined for rectifiers that are 0 below 0.
 * @throws BadInputError that names the first layer of another kind
 */
export function checkRectifiers(model: Model, method: string): void {
  const layer = model.layers().find(({ kind }) => leaky.test(kind));
  if (!layer) return;
  badInput({
    what: "model", got: `${model.name}, whose layer ${layer.name} is a ${layer.kind}`,
    allowed: `for ${method} networks whose rectifiers are 0 below 0 (ReLU, ReLU6)`, remedy: "saliency, smoothGrad and integratedGradients take any network.",
  });
}
