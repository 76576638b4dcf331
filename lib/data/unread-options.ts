import { FileError } from "../core/errors";
import type { ModelFiles } from "./read-model-files";

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
export function refuseUnreadOptions({ location, json }: ModelFiles): void {
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== "object" || value === null) return;
    const { class_name: kind, config } = value as StoredLayer;
    const option = typeof kind === "string" && config && Object.hasOwn(unread, kind) ? unread[kind](config) : undefined;
    if (option !== undefined) {
      throw new FileError(
        location,
        `has a ${String(kind)} layer, ${String(config!.name)}, whose ${option} of ${String(config![option])} TensorFlow.js leaves out`,
        "Convert it to a graph model.",
      );
    }
    Object.values(value).forEach(visit);
  };
  visit(json.modelTopology);
}
