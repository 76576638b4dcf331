// Where a package lies and what of it a name means, as Node has it, but read from the disk each time: Node keeps every
// package.json for as long as it runs, those it did not find included.
import { existsSync, readFileSync, realpathSync, statSync } from "fs";
import * as path from "path";

/** What a name means. */
export interface FoundPackage {
  /** The package's folder, without links. */
  root: string;
  /** The file that is loaded, without links. */
  file: string;
  /** An ES module, which `require` cannot load. */
  isModule: boolean;
}

interface Manifest {
  name?: string;
  version?: string;
  main?: unknown;
  type?: string;
  exports?: unknown;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Conditions of a package's `exports` that hold for `require` and for `import`. */
export const REQUIRE = ["node-addons", "node", "require", "default"];
export const IMPORT = ["node-addons", "node", "import", "default"];

/** The package's own fault; the words are Node's. */
export class PackageError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/**
 * The package that a name means, seen from a folder.
 * @throws PackageError if the package is there, and the name is none of what it has
 */
export function findPackage(name: string, folder: string, conditions = REQUIRE): FoundPackage | undefined {
  const [, packageName, rest] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(name) ?? [];
  if (!packageName || /^[.#]|^[a-z]+:/.test(name)) return undefined;
  const root = findRoot(packageName, folder);
  if (!root) return undefined;
  const manifest = manifestOf(root) ?? {};
  const file =
    manifest.exports !== undefined && manifest.exports !== null
      ? exported(root, manifest, `.${rest}`, conditions)
      : conditions === IMPORT && rest
        ? path.join(root, rest)
        : anyFile(path.join(root, rest), rest ? undefined : manifest);
  if (!file || !isFile(file))
    throw new PackageError(`Cannot find module '${file ?? path.join(root, rest)}'`, "MODULE_NOT_FOUND");
  const real = realpathSync(file);
  return { root: realpathSync(root), file: real, isModule: isModuleFile(real) };
}

/** The folder of a package, seen from another folder: in a node_modules above it, or in one that NODE_PATH names. */
export function findRoot(name: string, folder: string): string | undefined {
  for (let each = folder; ; each = path.dirname(each)) {
    const root = path.join(each, "node_modules", name);
    if (path.basename(each) !== "node_modules" && isFolder(root)) return root;
    if (path.dirname(each) === each) break;
  }
  return nodePath()
    .map((each) => path.join(each, name))
    .find(isFolder);
}

/** Further folders of packages, which the environment names. */
export const nodePath = (): string[] => (process.env.NODE_PATH ?? "").split(path.delimiter).filter(Boolean);

export function manifestOf(root: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

/** The folder of the package that a file belongs to. */
export function rootOf(file: string): string | undefined {
  const inside = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0];
  if (inside) return inside;
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder))
    if (existsSync(path.join(folder, "package.json"))) return folder;
  return undefined;
}

/** Is the file an ES module? */
export function isModuleFile(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (!/\.[jt]sx?$/.test(file)) return false;
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const manifest = manifestOf(folder);
    if (manifest) return manifest.type === "module";
    if (path.basename(folder) === "node_modules") return false;
  }
  return false;
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
const isFolder = (folder: string): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** A file by its name, with an ending left away, or of the folder of that name. */
function anyFile(place: string, manifest?: Manifest): string | undefined {
  const endings = (each: string): string[] => [each, `${each}.js`, `${each}.json`, `${each}.node`];
  const inFolder = (manifest ?? manifestOf(place))?.main;
  const candidates = [
    ...(manifest ? [] : endings(place)),
    ...(typeof inFolder === "string"
      ? [...endings(path.join(place, inFolder)), ...endings(path.join(place, inFolder, "index")).slice(1)]
      : []),
    ...endings(path.join(place, "index")).slice(1),
  ];
  return candidates.find(isFile);
}

/** What the `exports` of a package say of a part of it, as `.` or `./part`. */
function exported(root: string, { exports }: Manifest, part: string, conditions: readonly string[]): string {
  const isMap = typeof exports === "object" && exports !== null && !Array.isArray(exports);
  const parts = isMap && Object.keys(exports).some((key) => key.startsWith(".")) ? exports : { ".": exports };
  const found = target(parts as Record<string, unknown>, part, conditions);
  if (found) return path.join(root, found);
  const wanted = part === "." ? `No "exports" main defined` : `Package subpath '${part}' is not defined by "exports"`;
  throw new PackageError(`${wanted} in ${path.join(root, "package.json")}`, "ERR_PACKAGE_PATH_NOT_EXPORTED");
}

function target(parts: Record<string, unknown>, part: string, conditions: readonly string[]): string | undefined {
  if (Object.hasOwn(parts, part) && !part.includes("*")) return chosen(parts[part], conditions, "");
  const patterns = Object.keys(parts).filter((key) => {
    const [before, after, ...more] = key.split("*");
    return (
      after !== undefined &&
      more.length === 0 &&
      part.startsWith(before) &&
      part.endsWith(after) &&
      part.length >= key.length
    );
  });
  // The most exact one: what stands before the star counts first.
  patterns.sort((a, b) => b.indexOf("*") - a.indexOf("*") || b.length - a.length);
  if (patterns.length === 0) return undefined;
  const [before, after] = patterns[0].split("*");
  return chosen(parts[patterns[0]], conditions, part.slice(before.length, part.length - after.length));
}

function chosen(value: unknown, conditions: readonly string[], star: string): string | undefined {
  if (typeof value === "string") return value.startsWith("./") ? value.replaceAll("*", star) : undefined;
  if (Array.isArray(value))
    return value.map((each) => chosen(each, conditions, star)).find((each) => each !== undefined);
  if (typeof value !== "object" || value === null) return undefined;
  for (const [condition, inner] of Object.entries(value)) {
    if (!conditions.includes(condition)) continue;
    if (inner === null) return undefined;
    const found = chosen(inner, conditions, star);
    if (found !== undefined) return found;
  }
  return undefined;
}
