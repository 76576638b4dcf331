// What a model is given as in a browser: its address or its files. Names are of the registry, which is Node's.
import { badInput } from "../core/errors";
import type { ModelSource } from "../data/model-source-given";

interface Located {
  readonly location: ModelSource;
  readonly name?: string;
}

/** There is no registry. */
export const modelNames = (): string[] => [];

/** @throws BadInputError for a name alone, and for weights of the registry */
export function locateModel(given: ModelSource, weights?: string): Promise<Located> {
  return Promise.resolve().then(() => {
    if (weights !== undefined)
      badInput({ what: "weights", got: weights, allowed: "nothing in a browser", remedy: "Give the file's address." });
    const empty = Array.isArray(given) ? given.length === 0 : given === "";
    if (empty || (typeof given === "string" && !/[./]/.test(given)))
      badInput({
        what: "the model",
        got: given,
        allowed: "an address (of a model.json, its folder, or a file of weights), or the files themselves",
        remedy: "Names are known in Node alone.",
      });
    return { location: given };
  });
}
