import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { checkBoolean, checkInteger } from "../attribution/check-options";
import { ready } from "../backend";
import { obtainEntry } from "../data/obtain";
import { registry, type RegistryEntry } from "../data/registry";
import { badInput } from "../errors";
import { nearNames } from "../util/near-names";
import { projectRoot } from "../util/project-root";
import { fromGraphModel } from "./from-graph-model";
import { fromLayersModel, type FromLayersModelOptions } from "./from-layers-model";
import { fromWeights, isWeightsFile } from "./from-weights";
import type { Normalization } from "./preprocess";
import { randomizeLayers } from "./random-weights";
import { buildGraphModel } from "./read-graph-model";
import { buildLayersModel } from "./read-layers-model";
import { readModelFiles } from "./read-model-files";
import type { Model, VisionModel } from "./vision-model";

/** What a network's own files may say (`userDefinedMetadata` of a model.json), and what is said here in its place. */
interface NetworkOptions extends Pick<FromLayersModelOptions, "classNames" | "preprocess" | "bounds" | "inputShape" | "output" | "head"> {}

interface StoredFacts extends Omit<NetworkOptions, "preprocess"> {
  name?: string;
  preprocess?: Normalization;
}

export interface LoadModelOptions extends NetworkOptions {
  /**
   * Which of the weights that the registry lists for a network: `caffe`, `torchvision` and so on (`npx vitrine models list`).
   * Default: the first that can be had.
   */
  weights?: string;
  /** The same network with random weights in place of the trained ones: for comparison. Default: false. */
  untrained?: boolean;
  /** Of the random weights. Integer ≥ 0. Default: 0. */
  seed?: number;
}

const readableFormats = ["layers-model", "graph-model", "safetensors", "pth", "pkl"];

/**
 * Loads a network with its class names and preprocessing.
 * @param nameOrPathOrUrl a name that `modelNames` lists (`fashion-deep`, `squeezenet1_1`, `squeezenet1_1:torchvision`); the path of
 *   a TF.js model.json or of its folder, or its URL; or the path of a weights file that {@link fromWeights} reads
 * @throws BadInputError if the name is unknown (near names are given), or a GraphModel is asked for untrained; MissingDataError if its files cannot be had;
 *   FileError if a file is missing, damaged or of another kind
 */
export async function loadModel<M extends Model = VisionModel>(nameOrPathOrUrl: string, options: LoadModelOptions = {}): Promise<M> {
  const untrained = checkBoolean("untrained", options.untrained ?? false) ? checkInteger("seed", options.seed ?? 0, 0) : undefined;
  await ready();
  const { location, name: known } = await locate(nameOrPathOrUrl, options.weights);
  if (isWeightsFile(location)) return await fromWeights(location, { name: known, untrained, classNames: options.classNames, output: options.output }) as Model as M;
  const files = await readModelFiles(location);
  const { name, ...stored } = files.metadata as StoredFacts;
  const said = (fact: keyof NetworkOptions): object => (options[fact] === undefined && stored[fact] === undefined ? {} : { [fact]: options[fact] ?? stored[fact] });
  const facts: NetworkOptions = Object.assign({}, ...(["classNames", "preprocess", "bounds", "inputShape", "output", "head"] as const).map(said));
  const network = files.format === "graph-model" ? await buildGraphModel(files) : await buildLayersModel(files);
  try {
    if (untrained !== undefined) {
      if (network instanceof tf.GraphModel) badInput({ what: "untrained", got: true, allowed: "false for a GraphModel", remedy: "Its weights have no names that tell a kernel from a bias." });
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

/** The names that {@link loadModel} knows: trained here, or of the registry in a form that it can read. */
export function modelNames(): string[] {
  const folder = join(projectRoot(), "models");
  const here = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.json"))) : [];
  const registered = registry("model").filter(readable).map((entry) => entry.name);
  return [...new Set([...here, ...registered])].sort();
}

const readable = (entry: RegistryEntry): boolean => entry.sources.some((source) => readableFormats.includes(source.format));

interface Located {
  readonly location: string;
  /** What the registry calls it. */
  readonly name?: string;
}

async function locate(given: string, weights?: string): Promise<Located> {
  if (typeof given !== "string" || given === "") badInput({ what: "the model", got: given, allowed: "a name, a path or a URL" });
  const [, wanted, variant = weights] = /^([\w-]+(?:\.[\w-]+)*)(?::([\w-]+))?$/.exec(given) ?? [undefined, given];
  const entry = registry("model").find(({ name }) => name === wanted);
  if (entry) return fetched(withVariant(entry, variant));
  if (variant !== undefined) badInput({ what: "weights", got: variant, allowed: "the name of a model that the registry lists", remedy: `${wanted} is none.` });
  const committed = join(projectRoot(), "models", wanted);
  if (wanted !== "" && !/[\\/]/.test(wanted) && existsSync(join(committed, "model.json"))) return { location: committed };
  if (/^(https?|file):/i.test(given) || /[\\/]|\.json$/.test(given) || isWeightsFile(given) || existsSync(given)) return { location: given };
  const known = [...new Set([...modelNames(), ...registry("model").map(({ name }) => name)])];
  return badInput({ what: "the model", got: given, allowed: `${known.join(", ")}, a path or a URL`, remedy: `Did you mean ${nearNames(given, known, 2).join(" or ")}?` });
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
  return main ? { location: main.file, name: entry.name } : badInput({ what: `the files of model ${entry.name}`, got: files.map(({ path }) => path), allowed: "a model.json or a file of weights among them" });
}
