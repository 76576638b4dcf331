// Where a model.json lies, in a browser: at an address, or among files that were dropped on the page.
import type { FetchOptions } from "./fetch-bytes";
import { filesGiven, remoteModel, type ModelSource, type OpenModel } from "./model-source-given";

export type { ModelSource, OpenModel } from "./model-source-given";

const base = (): string => (typeof document === "undefined" ? location.href : document.baseURI);

/** An address may be relative to the page. @throws FileError where files are given and none is a model.json */
export const openModelSource = (given: ModelSource, options: FetchOptions): Promise<OpenModel> =>
  Promise.resolve().then(() =>
    typeof given === "string" ? remoteModel(new URL(given, base()).href, options) : filesGiven(given),
  );
