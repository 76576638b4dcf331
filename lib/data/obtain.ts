// The files of a data set or network: from the cache, a mirror, the network, or a file that the user brought.
import * as fs from "node:fs";
import { constants, copyFile } from "node:fs/promises";
import * as path from "node:path";
import { InterruptedError, VitrineError, badInput, FileError } from "../core/errors";
import { replaceWhole, writeError } from "../core/files";
import { callback, checkOptions, group, other, progressAndSignal, type Schema } from "../core/options";
import { sizeInWords } from "../core/text";
import { notebookHost } from "../runtime/host";
import { type ProgressReport, byteProgress, say } from "../runtime/progress";
import { download, downloadOptions, FetchError, type DownloadOptions } from "./download";
import { fetchPackage } from "./python-package";
import {
  places as placesNow,
  type Places,
  fetchable,
  origin,
  registryEntry,
  sourceBytes,
  type EntryKind,
  type FileSource,
  type PackageSource,
  type RegistryEntry,
  type RegistryFile,
  type Source,
} from "./registry";
import { verify } from "./verify";

export type Origin = "cached" | "mirrored" | "committed" | "downloaded";

export interface ObtainedFile {
  /** As the registry calls it. */
  readonly path: string;
  /** Where it lies, absolute; to be read only. */
  readonly file: string;
  readonly from: Origin;
}

/** What came of an entry: which source, and its files, verified. */
export interface Obtained {
  readonly name: string;
  readonly source: Source;
  readonly files: readonly ObtainedFile[];
  /** Where they came from, for people: `mirrored in /data/mirror`. */
  readonly origin: string;
}

export interface ObtainOptions {
  /** Only the files whose path this accepts. Default: all. */
  only?: (path: string) => boolean;
  /** Where files are kept and looked for. Default: from the environment. */
  places?: Places;
  /** Where one-line news goes (a refused file, a large download). Default: stderr. */
  log?: (line: string) => void;
  /**
   * Called as files are fetched. Default: for work longer than a second a bar in the notebook, or a line on a terminal.
   */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
  /** Passed on to the download; for tests. Default: none. */
  download?: DownloadOptions;
}

export const obtainOptions = {
  only: callback<(path: string) => boolean>({ rule: "all", help: "only the files whose path this accepts" }),
  places: other<Places>("places", { rule: "from the environment", help: "where files are kept and looked for" }),
  log: callback<(line: string) => void>({ rule: "stderr", help: "where one-line news goes" }),
  ...progressAndSignal<ProgressReport>(),
  download: group<DownloadOptions>(downloadOptions, { help: "passed on to the download; for tests" }),
} satisfies Schema<ObtainOptions>;

/** Raised where no source of an entry can be obtained. */
export class MissingDataError extends VitrineError {
  override name = "MissingDataError";
}

/**
 * The files of a registry entry: the first source that is committed, cached or mirrored, else the first that can be
 * downloaded; always with the right SHA-256.
 * @throws MissingDataError with the reason and what to do
 */
export function obtain(kind: EntryKind, name: string, options: ObtainOptions = {}): Promise<Obtained> {
  return obtainEntry(registryEntry(kind, name), options);
}

export async function obtainEntry(entry: RegistryEntry, given: ObtainOptions = {}): Promise<Obtained> {
  const options = checkOptions(obtainOptions, given);
  const places = options.places ?? placesNow();
  const log = options.log ?? say;
  const refused = new Set<string>();
  for (const source of entry.sources) {
    const files = await findHere(source, places, options, refused);
    if (files) return { name: entry.name, source, files, origin: originInWords(files, places) };
  }
  for (const line of refused) log(line);
  const reasons: string[] = [];
  for (const source of entry.sources) {
    if (!fetchable(source) || wanted(source, options).length === 0) continue;
    if (places.offline) {
      reasons.push("VITRINE_OFFLINE=1 forbids the network");
      break;
    }
    try {
      const files = await fetchSource(entry, source, places, options, log);
      return { name: entry.name, source, files, origin: originInWords(files, places) };
    } catch (error) {
      if (error instanceof InterruptedError || !(error instanceof VitrineError)) throw error;
      reasons.push(error.message.replace(/\.$/, ""));
    }
  }
  throw new MissingDataError(missingLine(entry, places, [...refused, ...reasons]));
}

const wanted = (source: FileSource | PackageSource, options: ObtainOptions): RegistryFile[] =>
  source.files.filter((file) => options.only?.(file.path) ?? true);

/** All of a source's files without the network, or undefined. */
async function findHere(
  source: Source,
  places: Places,
  options: ObtainOptions,
  refused: Set<string>,
): Promise<ObtainedFile[] | undefined> {
  const found: ObtainedFile[] = [];
  if (source.kind === "committed") {
    for (const { path: name } of source.files) {
      const file = path.join(places.root, name);
      if (!fs.existsSync(file)) return undefined;
      found.push({ path: name, file, from: "committed" });
    }
    return found;
  }
  for (const file of wanted(source, options)) {
    const here = await locate(file, places, refused);
    if (!here) return undefined;
    found.push(here);
  }
  // A source none of whose files is wanted is another kind of source.
  return found.length > 0 ? found : undefined;
}

/** One file in the cache or the mirror. */
async function locate(file: RegistryFile, places: Places, refused: Set<string>): Promise<ObtainedFile | undefined> {
  const candidates: { file: string; from: Origin }[] = [{ file: path.join(places.cache, file.path), from: "cached" }];
  if (places.mirror) candidates.push({ file: path.join(places.mirror, file.path), from: "mirrored" });
  for (const candidate of candidates) {
    const verdict = await verify(candidate.file, file, { memory: places.cache });
    if (verdict.state === "right") return { path: file.path, ...candidate };
    if (verdict.state === "wrong") refused.add(`${candidate.file} is refused: it ${verdict.problem}.`);
  }
  return undefined;
}

/** In this process, one download per file and one try per dead host. */
const underWay = new Map<string, Promise<void>>();
const unreachable = new Map<string, { message: string; until: number }>();

async function fetchSource(
  entry: RegistryEntry,
  source: FileSource | PackageSource,
  places: Places,
  options: ObtainOptions,
  log: (line: string) => void,
): Promise<ObtainedFile[]> {
  if (source.kind === "package") return unpackPackage(entry, source, places, options, log);
  const found: ObtainedFile[] = [];
  let announced = false;
  for (const file of wanted(source, options)) {
    const here = await locate(file, places, new Set());
    if (here) {
      found.push(here);
      continue;
    }
    const url = file.url as string,
      host = new URL(url).host;
    const dead = unreachable.get(host);
    if (dead && dead.until > Date.now()) throw new VitrineError(dead.message);
    if (!announced)
      log(
        `Fetching ${entry.name} (${source.variant}, ` +
          `${sizeInWords(wanted(source, options).reduce((sum, { bytes }) => sum + bytes, 0))}, ${source.licence}) ` +
          `from ${host} ...`,
      );
    announced = true;
    const destination = path.join(places.cache, file.path);
    const started =
      underWay.get(destination) ??
      download({ ...file, url }, destination, {
        onProgress: options.onProgress ?? byteProgress(),
        signal: options.signal ?? notebookHost()?.signal,
        ...options.download,
      }).finally(() => underWay.delete(destination));
    underWay.set(destination, started);
    try {
      await started;
    } catch (error) {
      if (error instanceof FetchError && !error.reached)
        unreachable.set(host, { message: error.message, until: Date.now() + 60_000 });
      throw error;
    }
    await verify(destination, file, { memory: places.cache });
    found.push({ path: file.path, file: destination, from: "downloaded" });
  }
  return found;
}

/** All of a package's files at once, as it comes whole. */
async function unpackPackage(
  entry: RegistryEntry,
  source: PackageSource,
  places: Places,
  options: ObtainOptions,
  log: (line: string) => void,
): Promise<ObtainedFile[]> {
  const destination = path.join(places.cache, source.files[0].path);
  const announced =
    `Fetching ${entry.name} (${source.variant}, ${sizeInWords(source.archive.bytes)}, ${source.licence}) from ` +
    `${origin(source)} ...`;
  const started =
    underWay.get(destination) ??
    (log(announced), fetchPackage(source, places.cache, { signal: options.signal ?? notebookHost()?.signal })).finally(
      () => underWay.delete(destination),
    );
  underWay.set(destination, started);
  await started;
  return wanted(source, options).map((file) => ({
    path: file.path,
    file: path.join(places.cache, file.path),
    from: "downloaded" as const,
  }));
}

function originInWords(files: readonly ObtainedFile[], places: Places): string {
  const origins = [...new Set(files.map((file) => file.from))];
  const where: Record<Origin, string> = {
    committed: "part of the project",
    cached: `cached in ${places.cache}`,
    mirrored: `mirrored in ${places.mirror}`,
    downloaded: `downloaded to ${places.cache}`,
  };
  return origins.map((origin) => where[origin]).join(" and ");
}

function missingLine(entry: RegistryEntry, places: Places, reasons: readonly string[]): string {
  const committed = entry.sources.find((source) => source.kind === "committed");
  if (committed)
    return (
      `${entry.name} is missing: ${committed.files[0].path} is not there. Restore it from the repository, or train ` +
      `it with its train.ts.`
    );
  const downloadable = entry.sources.find(fetchable);
  const why = reasons.length ? reasons.join("; ") : "it cannot be downloaded";
  const size = sizeInWords(sourceBytes(downloadable ?? entry.sources[0]));
  const remedy = downloadable
    ? `Run \`npx vitrine ${entry.kind === "data" ? "data" : "models"} get ${entry.name}\` (${size}) where the ` +
      `network is open, or set VITRINE_MIRROR to a folder that holds it.`
    : "Set VITRINE_MIRROR to a folder that holds it.";
  const mirror = places.mirror ? places.mirror : "a mirror (VITRINE_MIRROR is not set)";
  return `${entry.name} is not here: neither in ${places.cache} nor in ${mirror}; ${why}. ${remedy}`
    .replace(/\.;/g, ";")
    .replace(/\.\. /g, ". ");
}

export interface TakenIn {
  readonly source: Source;
  /** Where it lies now: in the cache. */
  readonly file: string;
}

/**
 * A file that the user has already takes the place of a download: a network of 553 MB, brought on a disk. Copies it
 * into the cache, as the one that a registry entry's source consists of. Which source that is, its SHA-256 says,
 * whatever its name.
 * @throws BadInputError where it is none of the entry's files, with what is wrong; FileError where it cannot be read or
 * written
 */
export async function takeIn(entry: RegistryEntry, file: string, places: Places = placesNow()): Promise<TakenIn> {
  const candidates = entry.sources.filter(
    (source): source is FileSource | PackageSource => source.kind !== "committed" && source.files.length === 1,
  );
  if (candidates.length === 0) {
    badInput({
      what: "--from",
      got: file,
      allowed: "nothing here",
      remedy: `${entry.name} is no single file. Set VITRINE_MIRROR to a folder that holds its files.`,
    });
  }
  const problems: string[] = [];
  for (const source of candidates) {
    const [wanted] = source.files,
      verdict = await verify(file, wanted, { memory: places.cache });
    if (verdict.state === "absent") throw new FileError(file, "is not there");
    if (verdict.state === "right") return { source, file: await copied(file, path.join(places.cache, wanted.path)) };
    problems.push(`as ${path.basename(wanted.path)} it ${verdict.problem}`);
  }
  return badInput({
    what: "--from",
    got: file,
    allowed: `a file of ${entry.name}`,
    remedy: `It is none: ${problems.join("; ")}. A network of your own goes by its path (docs/own-model.md).`,
  });
}

/** Whole or not at all. */
async function copied(from: string, to: string): Promise<string> {
  if (path.resolve(from) === path.resolve(to)) return to;
  // Shares the disk's blocks where the file system can.
  await replaceWhole(to, (partial) =>
    copyFile(from, partial, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw writeError(to, error);
    }),
  );
  return to;
}
