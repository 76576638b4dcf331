import * as path from "path";
import type * as tsTypes from "typescript";
import type { Home } from "../shared/home";

const normal = (file: string): string => file.replace(/\\/g, "/");

/**
 * For a notebook outside the project, makes the compiler see what the kernel lends in the notebook's own node_modules,
 * unless it finds a package of that name there or in a folder above. To be told when packages changed. (Merely
 * resolving imports to the project would not do: the compiler must also be able to *name* a package from the notebook
 * when it writes down the type of a variable.)
 */
export function lendPackages(
  sys: tsTypes.System,
  real: tsTypes.System,
  folder: string,
  home: Pick<Home, "root" | "lent">,
): { forget(): void } {
  if (`${normal(folder)}/`.startsWith(`${normal(home.root)}/`)) return { forget: () => undefined };
  const here = `${normal(folder)}/node_modules/`,
    there = `${normal(home.root)}/node_modules/`;
  const lent = new Map<string, string>();

  const folderOf = (name: string): string | undefined => {
    const known = lent.get(name);
    if (known) return known;
    // "None" is not remembered: the student may install or remove a package.
    const found = home.lent ? home.lent.get(name) : there + name;
    if (!found || !real.directoryExists(found)) return undefined;
    if (ancestors(folder).some((each) => real.directoryExists(path.join(each, "node_modules", name)))) return undefined;
    lent.set(name, normal(found));
    return normal(found);
  };
  const translated = (file: string): string => {
    if (!file.startsWith(here)) return file;
    const rest = file.slice(here.length);
    const name = /^(@[^/]+\/)?[^/]+/.exec(rest)?.[0];
    const found = name && folderOf(name);
    return found ? found + rest.slice(name.length) : file;
  };

  const { fileExists, directoryExists, readFile } = sys;
  sys.fileExists = (file) => fileExists(translated(file));
  sys.directoryExists = (file) => directoryExists(translated(file)) || isScope(file);
  sys.readFile = (file, encoding) => readFile(translated(file), encoding);
  // A lent file keeps the name it was lent under; its real one cannot be written in an import.
  sys.realpath = (file) => (translated(file) === file ? real.realpath!(file) : file);

  function isScope(file: string): boolean {
    if (!file.startsWith(`${here}@`)) return false;
    const scope = file.slice(here.length);
    if (home.lent) return [...home.lent.keys()].some((name) => name.startsWith(`${scope}/`));
    return real.directoryExists(there + scope);
  }
  return { forget: () => lent.clear() };
}

/** The folder and those above it. */
function ancestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
