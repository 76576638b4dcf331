// A model by its name, path or URL.
import { basename, dirname, join, resolve, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { boolean, checkOptions, integer, pickOptions, text, type Schema } from "../core/options";
import { ready } from "../backend";
import { badInput, FileError } from "../core/errors";
import { nearNames } from "../core/text";
import { fromGraphModel, fromLayersModel } from "./adapters";
import { fromWeights, isWeightsFile, randomizeLayers } from "./from-weights";
import { networkOptions, type NetworkOptions, type PreprocessName, type Normalization } from "./network-options";
import { buildLayersModel } from "../data/read-layers-model";
import { readModelFiles, type ModelFiles } from "../data/read-model-files";
import type { Model, VisionModel } from "./vision-model";
import { existsSync, readdirSync } from "node:fs";
import { obtainEntry } from "../data/obtain";
import { registry, type RegistryEntry } from "../data/registry";
import { projectRoot } from "../core/process";

/** What a network's own files may say (`userDefinedMetadata` of a model.json); what the caller says goes before. */
interface StoredFacts extends Omit<NetworkOptions, "preprocess"> {
  name?: string;
  preprocess?: Normalization | PreprocessName;
}

export interface LoadModelOptions extends NetworkOptions {
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
export function loadModel(nameOrPathOrUrl: string, options?: LoadModelOptions): Promise<VisionModel>;
/** Of inputs that are no images: `loadModel<Model>(path)`. */
export function loadModel<M extends Model>(nameOrPathOrUrl: string, options?: LoadModelOptions): Promise<M>;
export async function loadModel<M extends Model>(nameOrPathOrUrl: string, options: LoadModelOptions = {}): Promise<M> {
  const checked = checkOptions(loadModelOptions, options),
    untrained = checked.untrained ? checked.seed : undefined;
  await ready();
  const { location, name: known } = await locateModel(nameOrPathOrUrl, checked.weights);
  if (isWeightsFile(location)) return (await ofWeights(location, checked, { name: known, untrained })) as Model as M;
  const files = await readModelFiles(location);
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
      ? fromGraphModel<M>(network, { name: name ?? basename(dirname(files.location)), ...facts })
      : fromLayersModel<M>(network, { name: name ?? network.name, ...facts });
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** JSON has neither `undefined` nor Infinity: it says null. */
function factsIn(stored: Omit<StoredFacts, "name">): NetworkOptions {
  const said = Object.entries(pickOptions(networkOptions, stored)).filter(([, value]) => value !== null);
  const { bounds, ...facts } = Object.fromEntries(said) as NetworkOptions;
  const [low, high] = (bounds ?? []) as (number | null)[];
  return { ...facts, ...(bounds && { bounds: [low ?? -Infinity, high ?? Infinity] }) };
}

/** Which network a file of weights belongs to, its shape and its one output are known. */
async function ofWeights(
  location: string,
  { classNames, output, preprocess, bounds, inputShape, head }: NetworkOptions,
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

const readableFormats = ["layers-model", "graph-model", "safetensors", "pth", "pkl"];

/** Networks that are trained here or registered. */
const modelsFolder = (): string => join(projectRoot(), "models");

/** The names that `loadModel` knows: trained here, or of the registry in a form that it can read. */
export function modelNames(): string[] {
  const folder = modelsFolder();
  const here = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.json")))
    : [];
  const registered = registry("model")
    .filter(readable)
    .map((entry) => entry.name);
  return [...new Set([...here, ...registered])].sort();
}

const readable = (entry: RegistryEntry): boolean =>
  entry.sources.some((source) => readableFormats.includes(source.format));

export interface Located {
  readonly location: string;
  /** What the registry calls it. */
  readonly name?: string;
}

/**
 * What a name, path or URL stands for; what a name stands for is fetched. The registry is read for names only: a path
 * works where the library is installed without it.
 * @throws BadInputError, MissingDataError; VitrineError where a name is given and the registry cannot be read
 */
export async function locateModel(given: string, weights?: string): Promise<Located> {
  if (typeof given !== "string" || given === "")
    badInput({ what: "the model", got: given, allowed: "a name, a path or a URL" });
  if (isPath(given)) return foreign(given, weights);
  const [, wanted, variant = weights] = /^([\w-]+(?:\.[\w-]+)*)(?::([\w-]+))?$/.exec(given) ?? [undefined, given];
  const entry = entryOf(wanted, given);
  if (entry) return fetched(withVariant(entry, variant));
  const committed = join(modelsFolder(), wanted);
  if (variant === undefined && existsSync(join(committed, "model.json"))) return { location: committed };
  if (existsSync(given)) return foreign(given, weights);
  if (variant !== undefined) return noWeights(wanted, variant);
  const known = [...new Set([...modelNames(), ...registry("model").map(({ name }) => name)])];
  return badInput({
    what: "the model",
    got: given,
    allowed: `${known.join(", ")}, a path or a URL`,
    remedy: `Did you mean ${nearNames(given, known, 2).join(" or ")}?`,
  });
}

/**
 * Whether a network is registered or trained here, so that what it takes is known. Given what was loaded already.
 * @lazy
 */
export function isOwnModel(given: string): boolean {
  if (isPath(given)) return resolve(given).startsWith(modelsFolder() + sep);
  const [wanted] = given.split(":");
  return existsSync(join(modelsFolder(), wanted, "model.json")) || entryOf(wanted, given) !== undefined;
}

/** No name looks like this. */
const isPath = (given: string): boolean =>
  /^(https?|file):/i.test(given) || /[\\/]|\.json$/.test(given) || isWeightsFile(given);

function foreign(location: string, weights: string | undefined): Located {
  if (weights !== undefined) noWeights(location, weights);
  return { location };
}

const noWeights = (model: string, variant: string): never =>
  badInput({
    what: "weights",
    got: variant,
    allowed: "the name of a model that the registry lists",
    remedy: `${model} is none.`,
  });

/** A folder beside the caller is found also where there is no registry that could have its name. */
function entryOf(wanted: string, given: string): RegistryEntry | undefined {
  try {
    return registry("model").find(({ name }) => name === wanted);
  } catch (error) {
    if (existsSync(given)) return undefined;
    throw error;
  }
}

/** The entry with the sources of one variant only. */
function withVariant(entry: RegistryEntry, variant: string | undefined): RegistryEntry {
  if (variant === undefined) return entry;
  const sources = entry.sources.filter((source) => source.variant === variant);
  if (sources.length > 0) return { ...entry, sources };
  const variants = [...new Set(entry.sources.map((source) => source.variant))];
  return badInput({ what: `the weights of ${entry.name}`, got: variant, allowed: variants.join(", ") });
}

async function fetched(entry: RegistryEntry): Promise<Located> {
  const { files } = await obtainEntry(entry);
  const main = files.find(({ path }) => path.endsWith("model.json")) ?? files.find(({ path }) => isWeightsFile(path));
  if (main) return { location: main.file, name: entry.name };
  return badInput({
    what: `the files of model ${entry.name}`,
    got: files.map(({ path }) => path),
    allowed: "a model.json or a file of weights among them",
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
