import * as path from "path";
import type * as tsTypes from "typescript";

const normal = (file: string): string => file.replace(/\\/g, "/");

/**
 * For a notebook outside the project, makes the compiler see the project's packages in the notebook's own node_modules,
 * unless it finds one of that name there or in a folder above. To be told when packages changed. (Merely resolving
 * imports to the project would not do:
 * the compiler must also be able to *name* a package from the notebook when it writes down the type of a variable.)
 */
export function lendPackages(
  sys: tsTypes.System,
  real: tsTypes.System,
  folder: string,
  kernelRoot: string,
): { forget(): void } {
  if (`${normal(folder)}/`.startsWith(`${normal(kernelRoot)}/`)) return { forget: () => undefined };
  const here = `${normal(folder)}/node_modules/`,
    there = `${normal(kernelRoot)}/node_modules/`;
  const lent = new Map<string, boolean>();

  const isLent = (name: string): boolean => {
    const known = lent.get(name);
    if (known) return known;
    // "No" is not remembered: the student may install or remove a package.
    const answer =
      real.directoryExists(there + name) &&
      !ancestors(folder).some((each) => real.directoryExists(path.join(each, "node_modules", name)));
    if (answer) lent.set(name, true);
    return answer;
  };
  const translated = (file: string): string => {
    if (!file.startsWith(here)) return file;
    const rest = file.slice(here.length);
    const name = /^(@[^/]+\/)?[^/]+/.exec(rest)?.[0];
    return name && isLent(name) ? there + rest : file;
  };

  const { fileExists, directoryExists, readFile } = sys;
  sys.fileExists = (file) => fileExists(translated(file));
  sys.directoryExists = (file) => directoryExists(translated(file)) || isScope(file);
  sys.readFile = (file, encoding) => readFile(translated(file), encoding);
  // A lent file keeps the name it was lent under; its real one cannot be written in an import.
  sys.realpath = (file) => (translated(file) === file ? real.realpath!(file) : file);

  function isScope(file: string): boolean {
    return file.startsWith(`${here}@`) && real.directoryExists(there + file.slice(here.length));
  }
  return { forget: () => lent.clear() };
}

/** The folder and those above it. */
function ancestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
