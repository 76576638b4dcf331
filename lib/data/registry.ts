// What data and weights there are, where they may lie, and which of them are here.
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { badInput, VitrineError } from "../core/errors";
import { nearNames, sizeInWords } from "../core/text";
import { projectRoot } from "../core/process";

/** Where files are looked for and kept. Read again at every call, so that a program may set the variables itself. */
export interface Places {
  /** Downloads are kept here; laid out like a mirror. */
  readonly cache: string;
  /**
   * A folder that already holds files, laid out by their registry paths; only read. `VITRINE_MIRROR`, else that of the
   * last set-up; none where the variable is empty.
   */
  readonly mirror?: string;
  /** `VITRINE_OFFLINE=1`: the network is not to be touched. */
  readonly offline: boolean;
  /** What committed files are relative to. */
  readonly root: string;
}

export function places(environment: NodeJS.ProcessEnv = process.env, root = projectRoot()): Places {
  return {
    cache: cacheFolder(root, environment),
    mirror: mirrorFolder(root, environment),
    offline: /^(1|true|yes)$/i.test(environment.VITRINE_OFFLINE ?? ""),
    root,
  };
}

function mirrorFolder(root: string, { VITRINE_MIRROR: said }: NodeJS.ProcessEnv): string | undefined {
  if (said !== undefined) return said ? path.resolve(said) : undefined;
  const remembered = rememberedMirror(root);
  return remembered !== undefined && fs.existsSync(remembered) ? remembered : undefined;
}

/** What `kernel-setup/setup/mirror.mjs` wrote down at set-up. */
function rememberedMirror(root: string): string | undefined {
  try {
    const kept: unknown = JSON.parse(fs.readFileSync(path.join(root, ".venv", "vitrine", "mirror.json"), "utf8"));
    const { mirror } = kept as { mirror?: unknown };
    return typeof mirror === "string" ? mirror : undefined;
  } catch {
    return undefined;
  }
}

function cacheFolder(root: string, environment: NodeJS.ProcessEnv): string {
  if (environment.XDG_CACHE_HOME) return path.join(path.resolve(environment.XDG_CACHE_HOME), "vitrine");
  // Installed as a package, the next `npm install` would take away what lies there.
  if (/[\\/]node_modules[\\/]/.test(root)) return path.join(os.homedir(), ".cache", "vitrine");
  const inRepository = path.join(root, "data", "cache");
  if (writable(inRepository) || (!fs.existsSync(inRepository) && writable(path.dirname(inRepository))))
    return inRepository;
  return path.join(os.homedir(), ".cache", "vitrine");
}

function writable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

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
interface CommittedSource extends SourceBase {
  readonly kind: "committed";
  readonly files: readonly { readonly path: string }[];
}

/** A file inside a package. */
interface PackagedFile extends RegistryFile {
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
      `${registryFiles[kind]} cannot be read (${(error as Error).message.split("\n")[0]}). Restore it from the ` +
        `repository.`,
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

/** What `vitrine doctor` and `vitrine data list` say of an entry. */
export interface EntryState {
  readonly name: string;
  readonly kind: EntryKind;
  readonly what: string;
  /** How many files. */
  readonly files: number;
  readonly bytes: number;
  readonly source: "cached" | "mirrored" | "committed" | "downloadable" | "missing";
  /** Which of its sources this is about. */
  readonly variant: string;
  /** A folder, a host, or empty. */
  readonly where: string;
  readonly licence: string;
  /** What to do where it is not here. */
  readonly remedy?: string;
}

/** The state of every data set and model, from names and sizes alone: nothing is hashed, no network is touched. */
export async function describeRegistry(
  kinds: readonly EntryKind[] = ["data", "model"],
  now: Places = places(),
): Promise<EntryState[]> {
  return kinds.flatMap((kind) => registry(kind)).map((entry) => describeEntry(entry, now));
}

export function describeEntry(entry: RegistryEntry, places: Places): EntryState {
  const common = (
    source: Source,
  ): Pick<EntryState, "name" | "kind" | "what" | "files" | "bytes" | "variant" | "licence"> => ({
    name: entry.name,
    kind: entry.kind,
    what: entry.what,
    files: source.files.length,
    bytes: sourceBytes(source),
    variant: source.variant,
    licence: source.licence,
  });
  for (const source of entry.sources) {
    const here = whereHere(source, places);
    if (here) return { ...common(source), ...here };
  }
  const downloadable = entry.sources.find(fetchable);
  const command = `npx vitrine ${entry.kind === "data" ? "data" : "models"} get ${entry.name}`;
  if (downloadable && !places.offline) {
    return {
      ...common(downloadable),
      source: "downloadable",
      where: origin(downloadable),
      remedy: `${command} (${sizeInWords(sourceBytes(downloadable))})`,
    };
  }
  const first = entry.sources[0];
  const remedy =
    first.kind === "committed"
      ? `restore ${path.dirname(first.files[0].path)} from the repository, or train it with its train.ts`
      : downloadable
        ? `VITRINE_OFFLINE is set: without it, ${command}; or set VITRINE_MIRROR to a folder that holds it`
        : "set VITRINE_MIRROR to a folder that holds it";
  return { ...common(downloadable ?? first), source: "missing", where: "", remedy };
}

function whereHere(
  source: Source,
  places: Places,
): { source: "committed" | "cached" | "mirrored"; where: string } | undefined {
  if (source.kind === "committed") {
    const all = source.files.every((file) => fs.existsSync(path.join(places.root, file.path)));
    return all ? { source: "committed", where: path.dirname(source.files[0].path) } : undefined;
  }
  let mirrored = false;
  for (const file of source.files) {
    const fits = (folder: string | undefined): boolean => {
      const stat = folder && fs.statSync(path.join(folder, file.path), { throwIfNoEntry: false });
      return Boolean(stat && stat.isFile() && (file.approximate || stat.size === file.bytes));
    };
    if (fits(places.cache)) continue;
    if (!fits(places.mirror)) return undefined;
    mirrored = true;
  }
  const folder = path.join((mirrored ? places.mirror : places.cache) as string, path.dirname(source.files[0].path));
  return { source: mirrored ? "mirrored" : "cached", where: folder };
}
