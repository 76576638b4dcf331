import { badInput } from "../core/errors";
import type { Model } from "../model/vision-model";
import { nearNames } from "../core/near-names";

/** @throws BadInputError unless `value` is an integer from `least` to `most` */
export function checkInteger(what: string, value: unknown, least = 1, most = Infinity): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    badInput({ what, got: value, allowed: most === Infinity ? `an integer ≥ ${least}` : `an integer from ${least} to ${most}` });
  }
  return value as number;
}

/** @throws BadInputError unless `value` is a number above `above` and at most `most` */
export function checkNumber(what: string, value: unknown, { above = -Infinity, most }: { above?: number; most: number }): number {
  if (!(typeof value === "number" && value > above && value <= most)) badInput({ what, got: value, allowed: `a number above ${above} and at most ${most}` });
  return value as number;
}

/** @throws BadInputError unless `value` is a number above 0 */
export function checkPositive(what: string, value: unknown, remedy?: string): number {
  if (!(typeof value === "number" && value > 0 && value < Infinity)) badInput({ what, got: value, allowed: "a number above 0", remedy });
  return value;
}

/** @throws BadInputError unless `value` is one of `names` */
export function checkOneOf<T extends string>(what: string, value: unknown, names: readonly T[]): T {
  if (!(names as readonly unknown[]).includes(value)) {
    const near = typeof value === "string" ? `Did you mean ${nearNames(value, names, 1)[0]}?` : undefined;
    badInput({ what, got: value, allowed: names.join(", "), remedy: near });
  }
  return value as T;
}

/** @throws BadInputError unless `value` is true or false */
export function checkBoolean(what: string, value: unknown): boolean {
  if (typeof value !== "boolean") badInput({ what, got: value, allowed: "true or false" });
  return value;
}

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
      what: "model", got: `${name}, whose inputs are [${inputShape.join(", ")}]`, allowed: `for ${method} a model of images [height, width, channels]`,
      remedy: "saliency, integratedGradients, smoothGrad and occlusion take inputs of any shape.",
    });
  }
}
