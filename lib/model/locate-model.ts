// What a model's name stands for: trained here, or of the registry. A browser's half knows addresses and files alone.
import { existsSync, readdirSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { badInput } from "../core/errors";
import { projectRoot } from "../core/process";
import { nearNames } from "../core/text";
import type { ModelSource } from "../data/model-source";
import { obtainEntry } from "../data/obtain";
import { registry, type RegistryEntry } from "../data/registry";
import { isWeightsFile } from "./from-weights";

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
  readonly location: ModelSource;
  /** What the registry calls it. */
  readonly name?: string;
}

/**
 * What a name, path or URL stands for; what a name stands for is fetched. The registry is read for names only: a path
 * works where the library is installed without it.
 * @throws BadInputError, MissingDataError; VitrineError where a name is given and the registry cannot be read
 */
export async function locateModel(given: ModelSource, weights?: string): Promise<Located> {
  if (isFiles(given)) return weights === undefined ? { location: given } : noWeights("a file", weights);
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

const isFiles = (given: unknown): given is Blob | readonly Blob[] =>
  given instanceof Blob || (Array.isArray(given) && given.length > 0 && given.every((each) => each instanceof Blob));

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
