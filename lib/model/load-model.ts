import { basename, dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger } from "../core/check-options";
import { ready } from "../backend";
import { badInput } from "../core/errors";
import { fromGraphModel } from "./from-graph-model";
import { fromLayersModel, type FromLayersModelOptions } from "./from-layers-model";
import { fromWeights, isWeightsFile } from "./from-weights";
import { locateModel } from "./locate-model";
import type { PreprocessName, Normalization } from "./named-preprocess";
import { randomizeLayers } from "./random-weights";
import { buildGraphModel } from "./read-graph-model";
import { buildLayersModel } from "../data/read-layers-model";
import { readModelFiles } from "../data/read-model-files";
import type { Model, VisionModel } from "./vision-model";

/** What a network's own files may say (`userDefinedMetadata` of a model.json), and what is said here in its place. */
interface NetworkOptions extends Pick<
  FromLayersModelOptions,
  "classNames" | "preprocess" | "bounds" | "inputShape" | "output" | "head"
> {}

interface StoredFacts extends Omit<NetworkOptions, "preprocess"> {
  name?: string;
  preprocess?: Normalization | PreprocessName;
}

export interface LoadModelOptions extends NetworkOptions {
  /**
   * Which of the weights that the registry lists for a network: `caffe`, `torchvision` and so on (`npx vitrine models
   * list`).
   * Default: the first that can be obtained.
   */
  weights?: string;
  /** The same network with random weights in place of the trained ones: for comparison. Default: false. */
  untrained?: boolean;
  /** Of the random weights. Integer ≥ 0. Default: 0. */
  seed?: number;
}

/**
 * Loads a network with its class names and preprocessing.
 * @param nameOrPathOrUrl a name that `modelNames` lists (`fashion-deep`, `squeezenet1_1`, `squeezenet1_1:torchvision`);
 * the path of
 *   a TF.js model.json or of its folder, or its URL; or the path of a weights file that {@link fromWeights} reads
 * @throws BadInputError if the name is unknown (near names are given), or a GraphModel is asked for untrained;
 * MissingDataError if its files cannot be obtained;
 *   FileError if a file is missing, damaged or of another kind
 */
export function loadModel(nameOrPathOrUrl: string, options?: LoadModelOptions): Promise<VisionModel>;
/** Of inputs that are no images: `loadModel<Model>(path)`. */
export function loadModel<M extends Model>(nameOrPathOrUrl: string, options?: LoadModelOptions): Promise<M>;
export async function loadModel<M extends Model>(nameOrPathOrUrl: string, options: LoadModelOptions = {}): Promise<M> {
  const untrained = checkBoolean("untrained", options.untrained ?? false)
    ? checkInteger("seed", options.seed ?? 0, 0)
    : undefined;
  await ready();
  const { location, name: known } = await locateModel(nameOrPathOrUrl, options.weights);
  if (isWeightsFile(location)) return (await ofWeights(location, options, { name: known, untrained })) as Model as M;
  const files = await readModelFiles(location);
  const { name, ...stored } = files.metadata as StoredFacts;
  const said = (fact: keyof NetworkOptions): object =>
    options[fact] === undefined && stored[fact] === undefined ? {} : { [fact]: options[fact] ?? stored[fact] };
  const facts: NetworkOptions = Object.assign(
    {},
    ...(["classNames", "preprocess", "bounds", "inputShape", "output", "head"] as const).map(said),
  );
  const network = files.format === "graph-model" ? await buildGraphModel(files) : await buildLayersModel(files);
  try {
    if (untrained !== undefined) {
      if (network instanceof tf.GraphModel)
        badInput({
          what: "untrained",
          got: true,
          allowed: "false for a GraphModel",
          remedy: "Its weights have no names that tell a kernel from a bias.",
        });
      await randomizeLayers(network, untrained);
    }
    return network instanceof tf.GraphModel
      ? fromGraphModel<M>(network, { name: name ?? basename(dirname(files.location)), ...facts })
      : fromLayersModel<M>(network, { name: name ?? network.name, ...facts });
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Which network a file of weights belongs to, its shape and its one output are known. */
async function ofWeights(
  location: string,
  { classNames, output, preprocess, bounds, inputShape, head }: LoadModelOptions,
  known: { name?: string; untrained?: number },
): Promise<VisionModel> {
  if (head !== undefined)
    badInput({
      what: "head",
      got: head,
      allowed: "nothing for a file of weights",
      remedy: "Its network has one output. Leave head out.",
    });
  const model = await fromWeights(location, { ...known, classNames, output, preprocess, bounds });
  if (
    inputShape === undefined ||
    (inputShape.length === 3 && inputShape.every((side, axis) => side === model.inputShape[axis]))
  )
    return model;
  model.dispose();
  return badInput({
    what: "inputShape",
    got: inputShape,
    allowed: `[${model.inputShape.join(", ")}], what ${model.name} takes`,
  });
}
