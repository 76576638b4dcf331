import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { FileError, badInput } from "../core/errors";
import { imagenetClassNames } from "../data/imagenet";
import type { NdArray } from "../data/nd-array";
import { readNumpyPickle } from "../data/numpy-pickle";
import { readPth } from "../data/pth";
import { readSafetensors } from "../data/safetensors";
import { weightForm } from "./architectures/catalog";
import { PlanBuilder } from "./architectures/plan-builder";
import { WeightSource } from "./architectures/weight-source";
import { NetworkModel } from "./network-model";
import { imagenetNormalization } from "./named-preprocess";
import { checkClassNames } from "./outputs";
import { type OutputKind } from "./vision-model";
import { PlannedNetwork } from "./planned-network";
import { normalizationOf, preprocessor, type Preprocess } from "./preprocess";
import { randomArrays } from "./random-weights";
import type { Model, VisionModel } from "./vision-model";

export interface FromWeightsOptions {
  /** Default: the architecture's name. */
  name?: string;
  /** One per output. Default: ImageNet's where there are 1,000, else `class 0`, `class 1`, … */
  classNames?: readonly string[];
  /** What the outputs are. Default: softmax, the logits of classes. */
  output?: OutputKind;
  /**
   * What these weights want done to images, where they were trained on others than the published ones. Default: as the
   * published ones.
   */
  preprocess?: Preprocess;
  /** The range of values that callers give, before `preprocess`. Default: [0, 1]. */
  bounds?: readonly [number, number];
  /** Random weights in place of the file's, by this seed. Default: the file's. */
  untrained?: number;
}

const inputShape = [224, 224, 3] as const;

const readers: Record<string, (file: string) => Promise<Map<string, NdArray>>> = {
  ".safetensors": readSafetensors,
  ".pth": readPth,
  ".pt": readPth,
  ".pkl": readNumpyPickle,
};

export const isWeightsFile = (file: string): boolean => path.extname(file).toLowerCase() in readers;

/**
 * A network that is built here, with the weights of a file: SqueezeNet 1.1 and GoogLeNet (Caffe's or torchvision's
 * weights), VGG-16 (torchvision's, of any width), DeiT (of any width and depth). Which of them it is, the tensors'
 * names tell.
 * @param file `.safetensors`, `.pth` or `.pt` (a state dict, in PyTorch's zip or legacy format), `.pkl` (NumPy arrays)
 * @throws FileError naming the tensor that is missing or of a wrong shape, or what a pickle asks for beyond tensors;
 *   BadInputError where classNames do not fit
 */
export async function fromWeights(file: string, options: FromWeightsOptions = {}): Promise<VisionModel> {
  const read = readers[path.extname(file).toLowerCase()];
  if (!read)
    badInput({
      what: "the weights file",
      got: file,
      allowed: `a name that ends in ${Object.keys(readers).join(", ")}`,
    });
  await ready();
  const arrays = await read(file);
  const form = weightForm(file, arrays),
    { untrained } = options;
  const weights = new WeightSource(file, untrained === undefined ? arrays : randomArrays(arrays, untrained), form);
  try {
    const plan = new PlanBuilder(weights);
    const scores = form.build(plan);
    const { output = "softmax", preprocess, bounds = [0, 1] } = options,
      units = scores.channels;
    const classNames = checkClassNames(
      options.classNames ?? (units === imagenetClassNames.length ? imagenetClassNames : undefined),
      output,
      units,
      file,
    );
    const network = new PlannedNetwork(
      { steps: plan.steps, output: scores.slot },
      weights.made,
      inputShape,
      plan.readout,
      plan.locality,
    );
    return new NetworkModel(network, {
      name: options.name ?? form.architecture,
      inputShape,
      bounds,
      output,
      units,
      classNames,
      preprocess: preprocess === undefined ? form.preprocess : preprocessor(preprocess, inputShape[2], options.bounds),
      normalization: preprocess === undefined ? imagenetNormalization : normalizationOf(preprocess),
    }) as Model as VisionModel;
  } catch (error) {
    tf.dispose(weights.made);
    if (error instanceof RangeError)
      throw new FileError(file, `holds a network that cannot be built: ${error.message}`);
    throw error;
  }
}
