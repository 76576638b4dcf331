import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { obtain } from "../data/obtain";
import { registry, type RegistryEntry } from "../data/registry";
import { badInput, VitrineError } from "../errors";
import { nearNames } from "../util/near-names";
import { projectRoot } from "../util/project-root";
import { fromGraphModel } from "./from-graph-model";
import { fromLayersModel } from "./from-layers-model";
import type { Normalization } from "./preprocess";
import { buildGraphModel } from "./read-graph-model";
import { buildLayersModel } from "./read-layers-model";
import { readModelFiles } from "./read-model-files";
import type { VisionModel } from "./vision-model";

/** What `userDefinedMetadata` of a model.json may say. */
interface StoredFacts {
  name?: string;
  classNames?: string[];
  preprocess?: Normalization;
  bounds?: [number, number];
  inputShape?: [number, number, number];
}

const readableFormats = ["layers-model", "graph-model"];

/**
 * Loads a network with its class names and preprocessing.
 * @param nameOrPathOrUrl a name that `modelNames` lists (`fashion-deep`), the path of a TF.js model.json or of its
 *   folder, or its URL
 * @throws BadInputError if the name is unknown (near names are given); FileError if a file is missing, damaged or of
 *   another kind
 */
export async function loadModel(nameOrPathOrUrl: string): Promise<VisionModel> {
  await ready();
  const files = await readModelFiles(await locate(nameOrPathOrUrl));
  const { name, classNames, preprocess, bounds, inputShape } = files.metadata as StoredFacts;
  const facts = { classNames, preprocess, bounds, inputShape };
  const network = files.format === "graph-model" ? await buildGraphModel(files) : await buildLayersModel(files);
  try {
    return network instanceof tf.GraphModel
      ? fromGraphModel(network, { name: name ?? basename(dirname(files.location)), ...facts })
      : fromLayersModel(network, { name: name ?? network.name, ...facts });
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

async function locate(wanted: string): Promise<string> {
  if (typeof wanted !== "string" || wanted === "") badInput({ what: "the model", got: wanted, allowed: "a name, a path or a URL" });
  const committed = join(projectRoot(), "models", wanted);
  const isName = /^[\w-]+(\.[\w-]+)*$/.test(wanted);
  if (isName && existsSync(join(committed, "model.json"))) return committed;
  const entry = registry("model").find(({ name }) => name === wanted);
  if (entry) return fetched(entry);
  if (/^(https?|file):/i.test(wanted) || /[\\/]|\.json$/.test(wanted) || existsSync(wanted)) return wanted;
  const known = [...new Set([...modelNames(), ...registry("model").map(({ name }) => name)])];
  badInput({ what: "the model", got: wanted, allowed: `${known.join(", ")}, a path or a URL`, remedy: `Did you mean ${nearNames(wanted, known, 2).join(" or ")}?` });
}

async function fetched(entry: RegistryEntry): Promise<string> {
  const formats = [...new Set(entry.sources.map((source) => source.format))].join(" or ");
  if (!readable(entry)) throw new VitrineError(`Model ${entry.name} is known, but its network is not built from ${formats} weights yet. Those that are: ${modelNames().join(", ")}.`);
  const { files } = await obtain("model", entry.name);
  const json = files.find(({ path }) => path.endsWith("model.json"));
  return json?.file ?? badInput({ what: `the files of model ${entry.name}`, got: files.map(({ path }) => path), allowed: "a model.json among them" });
}
