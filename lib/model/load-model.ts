import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ready } from "../backend";
import { badInput } from "../errors";
import { nearNames } from "../util/near-names";
import { projectRoot } from "../util/project-root";
import { fromLayersModel } from "./from-layers-model";
import type { Normalization } from "./preprocess";
import { buildLayersModel } from "./read-layers-model";
import { readModelFiles } from "./read-model-files";
import type { VisionModel } from "./vision-model";

/**
 * Loads a network with its class names and preprocessing.
 * @param nameOrPathOrUrl a name that `modelNames` lists (`fashion-deep`), the path of a TF.js model.json or of its
 *   folder, or its URL
 * @throws BadInputError if the name is unknown (near names are given); FileError if a file is missing, damaged or of
 *   another kind
 */
export async function loadModel(nameOrPathOrUrl: string): Promise<VisionModel> {
  await ready();
  const location = locate(nameOrPathOrUrl);
  const files = await readModelFiles(location);
  const { name, classNames, preprocess, bounds } = files.metadata as { name?: string; classNames?: string[]; preprocess?: Normalization; bounds?: [number, number] };
  const model = await buildLayersModel(files);
  try {
    return fromLayersModel(model, { name: name ?? model.name, classNames, preprocess, bounds });
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The models that come with the project, by name. */
export function modelNames(): string[] {
  const folder = join(projectRoot(), "models");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.json"))).sort();
}

function locate(wanted: string): string {
  if (typeof wanted !== "string" || wanted === "") badInput({ what: "the model", got: wanted, allowed: "a name, a path or a URL" });
  const names = modelNames();
  if (names.includes(wanted)) return join(projectRoot(), "models", wanted);
  const isPlace = /^(https?|file):/i.test(wanted) || /[\\/]|\.json$/.test(wanted) || existsSync(wanted);
  if (isPlace) return wanted;
  badInput({
    what: "the model", got: wanted,
    allowed: `${names.join(", ") || "none is here yet"}, a path or a URL`,
    remedy: names.length > 0 ? `Did you mean ${nearNames(wanted, names, 2).join(" or ")}?` : undefined,
  });
}
