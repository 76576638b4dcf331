import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../backend/input-gradient";
import { rectifiersMet, type RectifiersMet } from "../backend/relu-rule";
import { badInput } from "../core/errors";
import type { Model } from "../model/vision-model";
import type { Attribution } from "./attribution";
import { differentiated } from "./explain";

/** Kinds of layers and graph nodes that let something pass below 0, too. */
const leaky = /^(leaky_?relu|p_?relu)$/i;

/** What a gradient by a rule met in a model: the rule's rectifiers, others, or none. */
const known = new WeakMap<Model, "ruled" | "leaky" | "none">();

export interface RuledMethod {
  /** For people: `guided backprop`. */
  readonly name: string;
  /** What it is for a network without rectifiers. */
  readonly plain: string;
}

/**
 * Guided backprop and deconvolution are defined for rectifiers that are 0 below 0. Others are found by the kind of a
 * layer, and
 * what no layer tells (a layer class of one's own) by the first gradient that is taken. Without any rectifier the first
 * call
 * says that the result is the plain gradient.
 * @throws BadInputError that names the first layer of another kind
 */
export async function byRectifiers<Options, V extends tf.Tensor>(
  model: Model,
  method: RuledMethod,
  explain: () => Promise<Attribution<Options, V>>,
): Promise<Attribution<Options, V>> {
  const layer = model.layers().find((each) => each.leaky !== undefined || leaky.test(each.kind));
  if (layer) refuse(model, method, `whose layer ${layer.name} is a ${layer.leaky ?? layer.kind}`);
  if (known.get(model) === "leaky") refuse(model, method, somewhere);
  const before = rectifiersMet();
  const result = await explain();
  if (known.has(model)) return result;
  // A graph that a call before left behind, cut off half-way, met its rectifiers then.
  const met = metSince(before) ?? metSince(before, () => probe(model)) ?? "none";
  known.set(model, met);
  if (met === "none")
    console.warn(`${model.name} has no rectifier (ReLU, ReLU6): for it ${method.name} is ${method.plain}.`);
  if (met !== "leaky") return result;
  result.dispose();
  return refuse(model, method, somewhere);
}

function metSince(before: RectifiersMet, work?: () => void): "ruled" | "leaky" | undefined {
  work?.();
  const { ruled, leaky: unruled } = rectifiersMet();
  return unruled > before.leaky ? "leaky" : ruled > before.ruled ? "ruled" : undefined;
}

/** The gradient of all logits of one input, op by op. */
function probe(given: Model): void {
  const model = differentiated(given),
    [low] = model.bounds;
  tf.tidy(() => {
    inputGradient((x) => model.logits(x), tf.fill([1, ...model.inputShape], Number.isFinite(low) ? low : 0), "guided");
  });
}

const somewhere = "which applies a LeakyReLU or PReLU inside a layer";

function refuse(model: Model, method: RuledMethod, which: string): never {
  return badInput({
    what: "model",
    got: `${model.name}, ${which}`,
    allowed: `for ${method.name} networks whose rectifiers are 0 below 0 (ReLU, ReLU6)`,
    remedy: "saliency, smoothGrad and integratedGradients take any network.",
  });
}
