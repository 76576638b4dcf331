// A model.json and its weights at an address, or as files that somebody gave.
import { FileError } from "../core/errors";
import { fetchBytes, forget, type FetchOptions } from "./fetch-bytes";
import { nameOf } from "./file-source";

/** A path or an address, a file, or several: a model.json with its weights. */
export type ModelSource = string | Blob | readonly Blob[];

export interface OpenModel {
  /** For messages. */
  readonly label: string;
  labelOf(path: string): string;
  /** @param path beside the model.json; without it the model.json itself */
  read(path?: string): Promise<Uint8Array>;
  /** To be called where what was read is no model: no copy of it stays in a browser's cache. */
  forget?(): Promise<void>;
}

/** @param address of a model.json, or of the folder that it is in */
export function remoteModel(address: string, options: FetchOptions): OpenModel {
  const url = /\.json($|\?)/.test(address) ? address : `${address.replace(/\/$/, "")}/model.json`;
  const labelOf = (beside: string): string => new URL(beside, url).href;
  // The hash is that of one file; a model.json names its weights' own.
  const { sha256, ...rest } = options;
  const read: string[] = [];
  const get = (address: string, options: FetchOptions): Promise<Uint8Array> => {
    read.push(address);
    return fetchBytes(address, options);
  };
  return {
    label: url,
    labelOf,
    read: (beside) => (beside === undefined ? get(url, { sha256, ...rest }) : get(labelOf(beside), rest)),
    forget: () => forget(read),
  };
}

const hasName = (file: Blob): boolean => (file as { name?: string }).name !== undefined;

/** @throws FileError where none is a model.json, or one that it names is missing */
export function filesGiven(given: Blob | readonly Blob[]): OpenModel {
  const files = [given].flat() as Blob[],
    json =
      files.find((file) => /\.json$/i.test(nameOf(file))) ??
      (files.length === 1 && !hasName(files[0]) ? files[0] : undefined);
  if (!json)
    throw new FileError(
      files.map(nameOf).join(", ") || "no file",
      "is no model.json",
      "Give the model.json and the files of weights that it names, together.",
    );
  return {
    label: nameOf(json),
    labelOf: (path) => path,
    read: async (path) => {
      const name = path?.replace(/^.*\//, ""),
        file = name === undefined ? json : files.find((each) => nameOf(each) === name);
      if (!file)
        throw new FileError(name!, `is missing: ${nameOf(json)} names it`, "Give it together with model.json.");
      return new Uint8Array(await file.arrayBuffer());
    },
  };
}
