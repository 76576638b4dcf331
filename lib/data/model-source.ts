// Where a model.json lies, and the files that it names: in a folder, at an address, or dropped on a page.
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FetchOptions } from "./fetch-bytes";
import { isAddress } from "./file-source";
import { filesGiven, remoteModel, type ModelSource, type OpenModel } from "./model-source-given";
import { readBytes } from "./read-bytes";

export type { ModelSource, OpenModel } from "./model-source-given";

/** @throws FileError where files are given and none of them is a model.json */
export async function openModelSource(location: ModelSource, options: FetchOptions): Promise<OpenModel> {
  if (typeof location !== "string") return filesGiven(location);
  if (isAddress(location)) return remoteModel(location, options);
  const path = /^file:/i.test(location) ? fileURLToPath(location) : location;
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? join(path, "model.json") : path;
  const labelOf = (beside: string): string => join(dirname(file), beside);
  return { label: file, labelOf, read: (beside) => readBytes(beside === undefined ? file : labelOf(beside)) };
}
