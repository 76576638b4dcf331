import * as fs from "node:fs";
import * as path from "node:path";
import { places as placesNow, type Places } from "./places";
import { fetchable, origin, registry, sourceBytes, type EntryKind, type RegistryEntry, type Source } from "./registry";
import { sizeInWords } from "../core/files";

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
  places: Places = placesNow(),
): Promise<EntryState[]> {
  return kinds.flatMap((kind) => registry(kind)).map((entry) => describeEntry(entry, places));
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
