// A model by its name, path or URL, or from the files themselves.
import * as tf from "@tensorflow/tfjs";
import { boolean, checkOptions, integer, pickOptions, text, type Schema } from "../core/options";
import { ready } from "../backend";
import { badInput, FileError } from "../core/errors";
import { fromGraphModel, fromLayersModel } from "./adapters";
import { fromWeights, isWeightsFile, randomizeLayers, type FromWeightsOptions } from "./from-weights";
import { networkOptions, type NetworkOptions, type PreprocessName, type Normalization } from "./network-options";
import { buildLayersModel } from "../data/read-layers-model";
import { readModelFiles, type ModelFiles } from "../data/read-model-files";
import { fetchOptions, type FetchOptions } from "../data/fetch-bytes";
import type { FileSource } from "../data/file-source";
import type { ModelSource } from "../data/model-source";
import type { Model, VisionModel } from "./vision-model";
import { locateModel } from "./locate-model";

/** What a network's own files may say (`userDefinedMetadata` of a model.json); what the caller says goes before. */
interface StoredFacts extends Omit<NetworkOptions, "preprocess"> {
  name?: string;
  preprocess?: Normalization | PreprocessName;
}

export interface LoadModelOptions extends NetworkOptions, FetchOptions {
  /**
   * Which of the weights that the registry lists for a network: `caffe`, `torchvision` and so on (`npx vitrine models
   * list`). Default: the first that can be obtained.
   */
  weights?: string;
  /** The same network with random weights in place of the trained ones: for comparison. Default: false. */
  untrained?: boolean;
  /** Of the random weights. Integer ≥ 0. Default: 0. */
  seed?: number;
}

export const loadModelOptions = {
  ...networkOptions,
  ...fetchOptions,
  weights: text({
    words: "the name of weights",
    rule: "the first that can be obtained",
    help: "which of the weights that the registry lists",
  }),
  untrained: boolean({ default: false, help: "random weights in place of the trained ones: for comparison" }),
  seed: integer({ least: 0, default: 0, help: "of the random weights" }),
} satisfies Schema<LoadModelOptions>;

/**
 * Loads a network with its class names and preprocessing.
 * @param nameOrPathOrUrl a name that `modelNames` lists (`fashion-deep`, `squeezenet1_1`, `squeezenet1_1:torchvision`);
 * the path of
 *   a TF.js model.json or of its folder, or its URL; or the path of a weights file that {@link fromWeights} reads
 * @throws BadInputError if the name is unknown (near names are given), or a GraphModel is asked for untrained;
 * MissingDataError if its files cannot be obtained;
 *   FileError if a file is missing, damaged or of another kind
 */
export function loadModel(nameOrPathOrUrl: ModelSource, options?: LoadModelOptions): Promise<VisionModel>;
/** Of inputs that are no images: `loadModel<Model>(path)`. */
export function loadModel<M extends Model>(nameOrPathOrUrl: ModelSource, options?: LoadModelOptions): Promise<M>;
export async function loadModel<M extends Model>(
  nameOrPathOrUrl: ModelSource,
  options: LoadModelOptions = {},
): Promise<M> {
  const checked = checkOptions(loadModelOptions, options),
    untrained = checked.untrained ? checked.seed : undefined;
  await ready();
  const { location, name: known } = await locateModel(nameOrPathOrUrl, checked.weights);
  const alone = Array.isArray(location) && location.length === 1 ? (location[0] as Blob) : location;
  if (isOneFile(alone) && isWeightsFile(alone))
    return (await ofWeights(alone, checked, {
      name: known,
      untrained,
      ...pickOptions(fetchOptions, checked),
    })) as Model as M;
  const files = await readModelFiles(location, pickOptions(fetchOptions, checked));
  const { name, ...stored } = files.metadata as StoredFacts;
  const facts: NetworkOptions = { ...factsIn(stored), ...pickOptions(networkOptions, checked) };
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
      ? fromGraphModel<M>(network, { name: name ?? folderOf(files.location), ...facts })
      : fromLayersModel<M>(network, { name: name ?? network.name, ...facts });
  } catch (error) {
    network.dispose();
    throw error;
  }
}

const isOneFile = (source: ModelSource): source is FileSource => !Array.isArray(source);

/** The name of the folder that a file is in, which tells what is in it. */
const folderOf = (file: string): string => file.split(/[\\/]/).at(-2) || "model";

/** JSON has neither `undefined` nor Infinity: it says null. */
function factsIn(stored: Omit<StoredFacts, "name">): NetworkOptions {
  const said = Object.entries(pickOptions(networkOptions, stored)).filter(([, value]) => value !== null);
  const { bounds, ...facts } = Object.fromEntries(said) as NetworkOptions;
  const [low, high] = (bounds ?? []) as (number | null)[];
  return { ...facts, ...(bounds && { bounds: [low ?? -Infinity, high ?? Infinity] }) };
}

/** Which network a file of weights belongs to, its shape and its one output are known. */
async function ofWeights(
  location: FileSource,
  { classNames, output, preprocess, bounds, inputShape, head }: NetworkOptions,
  known: FromWeightsOptions,
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

/** Builds a graph model from files already read. Leaves no tensors behind when that fails. @throws FileError */
export async function buildGraphModel(files: ModelFiles): Promise<tf.GraphModel> {
  await ready();
  const { modelTopology, signature, format } = files.json;
  try {
    const built: { model?: tf.GraphModel } = {};
    // The weights are plain tensors: the scope frees them if the graph turns out to be unusable.
    tf.tidy(() => {
      const model = tf.loadGraphModelSync({
        modelTopology,
        signature,
        format,
        weightSpecs: files.specs,
        weightData: files.weights,
      });
      for (const weight of Object.values(model.weights).flat()) tf.keep(weight);
      built.model = model as unknown as tf.GraphModel;
    });
    return built.model!;
  } catch (error) {
    throw new FileError(
      files.location,
      `is no graph model that can be built: ${(error as Error).message.split("\n")[0]}`,
    );
  }
}
