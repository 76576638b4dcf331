import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pictureEnding, readEndings } from "../../data/image-files";
import { badInput } from "../../core/errors";

/** An image to explain, and what its results are named after. */
export interface ManyInput {
  readonly file: string;
  /** Its path below the folder that all inputs share, so that no two results have one name. */
  readonly name: string;
}

/**
 * What is to be explained, in one order wherever it is asked for: every shard must cut the same list.
 * @param given files, and folders whose images are taken with those of their subfolders
 * @param list a text file with one path a line, relative to its own folder
 * @throws BadInputError if a file is named that is not there, or nothing is
 */
export async function manyInputs(given: readonly string[], list?: string): Promise<ManyInput[]> {
  const listed =
    list === undefined
      ? []
      : (await readFile(list, "utf8"))
          .split(/\r?\n/)
          .filter((line) => line.trim() !== "")
          .map((line) => (isAbsolute(line) ? line : join(dirname(list), line)));
  const found = (await Promise.all(given.map(expanded))).flat();
  const files = [...new Set([...found, ...listed].map((file) => resolve(file)))].sort();
  if (files.length === 0)
    badInput({
      what: "the list of images",
      got: list ?? given,
      allowed: `files that end with ${readEndings}, or folders with some`,
    });
  const shared = sharedFolder(files);
  return files.map((file) => ({ file, name: relative(shared, file) }));
}

const isInput = (name: string): boolean => /\.npy$/i.test(name) || pictureEnding.test(name);

/**
 * A list is not looked through: a million files on a shared disk would take long, and one that is missing is said when
 * it is its turn.
 */
async function expanded(path: string): Promise<string[]> {
  const kind = await stat(path).catch(() =>
    badInput({ what: "an image", got: path, allowed: "a file or folder that exists" }),
  );
  if (!kind.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && isInput(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function sharedFolder(files: readonly string[]): string {
  let shared = dirname(files[0]);
  for (const file of files)
    while (!file.startsWith(shared.endsWith(sep) ? shared : shared + sep)) shared = dirname(shared);
  return shared;
}
