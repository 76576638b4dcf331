// A layers model from its files; options that TensorFlow.js would silently leave out are refused.
import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { FileError } from "../core/errors";
import { readModelFiles, type ModelFiles } from "./read-model-files";

/**
 * Reads a stored TF.js LayersModel with all checks of `readModelFiles`. Its initializers become zeros, since
 * drawing random numbers for millions of weights that are overwritten at once takes seconds.
 * @param location a model.json, a folder that holds one, or the URL of one
 * @returns the network, owned by the caller
 * @throws FileError
 */
export async function readLayersModel(location: string): Promise<tf.LayersModel> {
  return buildLayersModel(await readModelFiles(location));
}

/** Builds the network from files already read. Leaves no tensors behind when the weights do not fit. */
export async function buildLayersModel(files: ModelFiles): Promise<tf.LayersModel> {
  await ready();
  if (files.format !== "layers-model")
    throw new FileError(files.location, `holds a ${files.format}; here a layers-model is needed`);
  refuseUnreadOptions(files);
  const model = await build(files);
  let weights: tf.NamedTensorMap | undefined;
  try {
    weights = tf.io.decodeWeights(files.weights, files.specs);
    model.loadWeights(weights);
    return model;
  } catch (error) {
    model.dispose();
    return refuse(files, error);
  } finally {
    if (weights) tf.dispose(weights);
  }
}

async function build(files: ModelFiles): Promise<tf.LayersModel> {
  const before = new Set(Object.keys(tf.engine().registeredVariables));
  // Does all its work before it returns the promise: the variables new after this line are this network's.
  const building = tf.models.modelFromJSON(withoutInitializers(files.json.modelTopology) as never);
  const made = Object.entries(tf.engine().registeredVariables)
    .filter(([name]) => !before.has(name))
    .map(([, variable]) => variable);
  try {
    return await building;
  } catch (error) {
    tf.dispose(made);
    return refuse(files, error);
  }
}

function withoutInitializers(config: unknown): unknown {
  if (Array.isArray(config)) return config.map(withoutInitializers);
  if (typeof config !== "object" || config === null) return config;
  const zeros = { class_name: "Zeros", config: {} };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      key.endsWith("_initializer") && value ? zeros : withoutInitializers(value),
    ]),
  );
}

function refuse(files: ModelFiles, error: unknown): never {
  const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0];
  throw new FileError(files.location, `is no LayersModel whose weights fit its layers: ${reason}`);
}

interface StoredLayer {
  class_name?: unknown;
  config?: Record<string, unknown>;
}

/** Options of Keras's rectifiers that TF.js passes over without a word: the network would be another one. */
const unread: Record<string, (config: Record<string, unknown>) => string | undefined> = {
  ReLU: (config) =>
    ["negative_slope", "threshold"].find(
      (option) => config[option] !== undefined && config[option] !== null && config[option] !== 0,
    ),
  LeakyReLU: ({ alpha, negative_slope }) =>
    alpha === undefined && negative_slope !== undefined && negative_slope !== 0.3 ? "negative_slope" : undefined,
};

/** @throws FileError for a layer that TF.js would compute differently than Keras */
function refuseUnreadOptions({ location, json }: ModelFiles): void {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== "object" || value === null) return;
    const { class_name: kind, config } = value as StoredLayer;
    const option = typeof kind === "string" && config && Object.hasOwn(unread, kind) ? unread[kind](config) : undefined;
    if (option !== undefined) {
      throw new FileError(
        location,
        `has a ${String(kind)} layer, ${String(config!.name)}, whose ${option} of ${String(config![option])} ` +
          `TensorFlow.js leaves out`,
        "Convert it to a graph model.",
      );
    }
    Object.values(value).forEach(visit);
  };
  visit(json.modelTopology);
}
