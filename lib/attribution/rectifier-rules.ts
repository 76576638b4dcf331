// Guided backprop, deconvolution and guided Grad-CAM: gradients by another rule for rectifiers, and for which networks
// they are defined.

import * as tf from "@tensorflow/tfjs";
import { inputGradient } from "../backend/input-gradient";
import { rectifiersMet, type RectifiersMet, type ReluRule } from "../backend/relu-rule";
import { badInput } from "../core/errors";
import type { Model, Inputs, Values, ImageInput, VisionModel } from "../model/vision-model";
import { type Attribution, attributionOptions, type AttributionOptions } from "./attribution";
import { differentiated, explain } from "./explain";
import { checkOptions, type Schema } from "../core/options";
import { checkModel, checkTakesImages } from "../model/checks";
import { classActivationMap, layerOption, checkLayer, upsample } from "./grad-cam";

/** Kinds of layers and graph nodes that let something pass below 0, too. */
const leaky = /^(leaky_?relu|p_?relu)$/i;

/** What a gradient by a rule met in a model: the rule's rectifiers, others, or none. */
const metIn = new WeakMap<Model, "ruled" | "leaky" | "none">();

interface RuledMethod {
  /** For people: `guided backprop`. */
  readonly name: string;
  /** What it is for a network without rectifiers. */
  readonly plain: string;
}

/**
 * Guided backprop and deconvolution are defined for rectifiers that are 0 below 0. Others are found by the kind of a
 * layer, and what no layer tells (a layer class of one's own) by the first gradient that is taken. Without any
 * rectifier the first call says that the result is the plain gradient.
 * @throws BadInputError that names the first layer of another kind
 */
async function byRectifiers<Options, V extends tf.Tensor>(
  model: Model,
  method: RuledMethod,
  explain: () => Promise<Attribution<Options, V>>,
): Promise<Attribution<Options, V>> {
  const layer = model.layers().find((each) => each.leaky !== undefined || leaky.test(each.kind));
  if (layer) refuseLeaky(model, method, `whose layer ${layer.name} is a ${layer.leaky ?? layer.kind}`);
  if (metIn.get(model) === "leaky") refuseLeaky(model, method, somewhere);
  const before = rectifiersMet();
  const result = await explain();
  if (metIn.has(model)) return result;
  // A graph that a call before left behind, cut off half-way, met its rectifiers then.
  const met = metSince(before) ?? metSince(before, () => probe(model)) ?? "none";
  metIn.set(model, met);
  if (met === "none")
    console.warn(`${model.name} has no rectifier (ReLU, ReLU6): for it ${method.name} is ${method.plain}.`);
  if (met !== "leaky") return result;
  result.dispose();
  return refuseLeaky(model, method, somewhere);
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

function refuseLeaky(model: Model, method: RuledMethod, which: string): never {
  return badInput({
    what: "model",
    got: `${model.name}, ${which}`,
    allowed: `for ${method.name} networks whose rectifiers are 0 below 0 (ReLU, ReLU6)`,
    remedy: "saliency, smoothGrad and integratedGradients take any network.",
  });
}

/** The gradient of the target's logit by another rule, and nothing else. */
async function gradientByRule<M extends Model>(
  model: M,
  inputs: Inputs,
  options: AttributionOptions,
  { method, rule }: { method: string; rule: ReluRule },
): Promise<Attribution<AttributionOptions, Values<M>>> {
  checkModel(model);
  const checked = checkOptions(attributionOptions, options);
  const people = { name: method.replaceAll("-", " "), plain: "the plain gradient, as saliency gives it" };
  return byRectifiers(model, people, () =>
    explain(model, inputs, {
      method,
      schema: attributionOptions,
      options: checked,
      step: ({ inputs, rows, gradient }) => gradient(inputs, rows, rule),
    }),
  );
}

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
  return gradientByRule(model, inputs, options, { method: "guided-backprop", rule: "guided" });
}

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
  return gradientByRule(model, inputs, options, { method: "deconvolution", rule: "deconvolution" });
}

export interface GuidedGradCamOptions extends AttributionOptions {
  /**
   * The layer of Grad-CAM: one whose output is [height, width, channels]. Default: the last convolutional one that has
   * more than one place.
   */
  layer?: string;
}

export const guidedGradCamOptions = {
  ...attributionOptions,
  layer: layerOption,
} satisfies Schema<GuidedGradCamOptions>;

/**
 * Guided Grad-CAM: guided backpropagation times Grad-CAM, the latter after its ReLU and bilinearly brought to the
 * image's size: guided backprop's detail where Grad-CAM sees the class (Selvaraju et al. 2017,
 * doi:10.1109/ICCV.2017.74, arXiv:1610.02391, section 3.2). Captum interpolates by the nearest neighbour unless told
 * otherwise.
 * @param images [height, width, channels] or [batch, height, width, channels] in the model's bounds
 * @returns values [batch, height, width, channels], signed; of a network without rectifiers Grad-CAM times the plain
 *   gradient, which the first call for a network says in a warning
 * @throws BadInputError, also for a network with leaky rectifiers; InterruptedError
 */
export async function guidedGradCam(
  model: VisionModel,
  images: ImageInput,
  options: GuidedGradCamOptions = {},
): Promise<Attribution<GuidedGradCamOptions>> {
  checkModel(model);
  checkTakesImages(model, "guided Grad-CAM");
  const checked = checkOptions(guidedGradCamOptions, options),
    layer = checkLayer(model, checked.layer);
  const method = { name: "guided Grad-CAM", plain: "Grad-CAM times the plain gradient" };
  return byRectifiers(model, method, () =>
    explain(model, images, {
      method: "guided-grad-cam",
      schema: guidedGradCamOptions,
      options: { ...checked, layer },
      step: (block) =>
        tf.mul(
          block.gradient(block.inputs, block.rows, "guided"),
          upsample(classActivationMap(model, block, layer, false), model.inputShape),
        ),
    }),
  );
}
