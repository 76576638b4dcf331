import { badInput } from "../core/errors";
import type { Model } from "./vision-model";

/** The commonest slip in a notebook is a forgotten `await` before `loadModel`. */
export function checkModel(model: Model): void {
  if (typeof model?.logits === "function") return;
  const pending = typeof (model as { then?: unknown } | undefined)?.then === "function";
  badInput({
    what: "model",
    got: pending ? "a promise" : model,
    allowed: "a model",
    remedy: pending ? "Put await before loadModel." : "loadModel(name) or fromLayersModel(model, …) makes one.",
  });
}

/** @throws BadInputError for a network whose inputs are not images */
export function checkTakesImages({ name, inputShape }: Model, method: string): void {
  if (inputShape.length !== 3) {
    badInput({
      what: "model",
      got: `${name}, whose inputs are [${inputShape.join(", ")}]`,
      allowed: `for ${method} a model of images [height, width, channels]`,
      remedy: "saliency, integratedGradients, smoothGrad and occlusion take inputs of any shape.",
    });
  }
}
