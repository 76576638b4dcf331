// Packages that run in this process, though somebody changes them on the disk.
import { readdirSync, readFileSync, realpathSync, statSync } from "fs";
import Module, { isBuiltin } from "module";
import * as path from "path";
import { findPackage, findRoot, isModuleFile, manifestOf, rootOf } from "./package-resolver";

interface Loaded {
  /** What its files looked like when it was loaded. */
  print: string;
  version?: string;
  /** How often it was loaded before. */
  generation: number;
  /** Folders of the packages that it names as its own. */
  needs: readonly string[];
  /** It changed or has gone, and is to be loaded again by who next asks for it. */
  stale: boolean;
}

/** Of a package with more files than this only the package.json is looked at. */
const MANY_FILES = 2000;

type Parent = { filename?: string | null } | null | undefined;

/** Node's loader of CommonJS. Its parts can be replaced, and are by many. */
const loader = Module as unknown as {
  _extensions: Record<
    string,
    (module: NodeModule & { _compile(code: string, file: string): void }, file: string) => void
  >;
  _pathCache: Record<string, string>;
  _resolveFilename(name: string, parent: Parent, ...rest: unknown[]): string;
};

/**
 * What a package looked like when it was loaded. One that looks otherwise is dropped from Node's memory, together with
 * the packages that need it, and the next import loads it again. What cells hold of it stays as it is.
 */
export class LoadedPackages {
  private readonly packages = new Map<string, Loaded>();
  private readonly own: string;

  /** The kernel's own packages stay: others of their parts hold on to them. */
  constructor(private readonly kernelRoot: string) {
    this.own = path.join(kernelRoot, "node_modules") + path.sep;
    this.readManifestsAgain();
  }

  /** A file of the package is about to be loaded. How often the package was loaded before. */
  track(root: string): number {
    if (this.isOwn(root)) return 0;
    const known = this.packages.get(root);
    if (known && !known.stale) return known.generation;
    const { version, dependencies, peerDependencies, optionalDependencies } = manifestOf(root) ?? {};
    const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
    const needs = names.flatMap((name) => findRoot(name, root) ?? []).map((each) => realpathSync(each));
    const generation = known ? known.generation + 1 : 0;
    this.packages.set(root, { print: printOf(root), version, generation, needs, stale: false });
    for (const each of needs) this.track(each);
    return generation;
  }

  /** An import failed, and Node would give the same error for good. */
  failed(root: string): void {
    const known = this.packages.get(root);
    if (!known || known.stale) return;
    known.stale = true;
    for (const each of known.needs) this.failed(each);
  }

  /** Packages that were loaded more than once. */
  get generations(): [root: string, generation: number][] {
    return [...this.packages].filter(([, each]) => each.generation > 0).map(([root, each]) => [root, each.generation]);
  }

  /** Packages that changed since they were loaded and what needs them are forgotten. Their folders, and in words. */
  refresh(): { roots: ReadonlySet<string>; said: string[] } {
    const said: string[] = [];
    const stale = new Set<string>();
    for (const [root, each] of this.packages) {
      if (each.stale || printOf(root) === each.print) continue;
      stale.add(root);
      said.push(inWords(root, each));
    }
    if (stale.size === 0) return { roots: stale, said };
    for (let before = -1; before !== stale.size;) {
      before = stale.size;
      for (const [root, { needs }] of this.packages) if (needs.some((each) => stale.has(each))) stale.add(root);
      for (const [file, module] of Object.entries(require.cache)) {
        const root = this.rootOf(file);
        if (root && module!.children.some(({ filename }) => stale.has(this.rootOf(filename) ?? ""))) stale.add(root);
      }
    }
    for (const root of stale) this.forget(root);
    return { roots: stale, said };
  }

  private forget(root: string): void {
    const known = this.packages.get(root);
    if (known) known.stale = true;
    for (const file of Object.keys(require.cache)) if (this.rootOf(file) === root) delete require.cache[file];
    for (const [question, file] of Object.entries(loader._pathCache))
      if (rootOf(file) === root) delete loader._pathCache[question];
  }

  /**
   * Node goes by the package.json that it read first, or did not find, when a package requires another one, and when it
   * asks whether a .js file is an ES module. Packages that may change are spared that.
   */
  private readManifestsAgain(): void {
    const { _resolveFilename: resolve, _extensions: extensions } = loader;
    loader._resolveFilename = (name, parent, ...rest) => {
      const isFromPackage = parent?.filename && this.packages.has(this.rootOf(parent.filename) ?? "");
      if (!isFromPackage || rest[1] || isBuiltin(name)) return resolve(name, parent, ...rest);
      const found = findPackage(name, path.dirname(parent.filename!));
      if (!found) return resolve(name, parent, ...rest);
      this.track(found.root);
      return found.file;
    };
    const load = extensions[".js"];
    extensions[".js"] = (module, file) => {
      if (!this.packages.has(this.rootOf(file) ?? "") || isModuleFile(file)) return load(module, file);
      module._compile(readFileSync(file, "utf8"), file);
    };
  }

  private rootOf(file: string): string | undefined {
    const root = file.startsWith(this.own) ? undefined : rootOf(file);
    return root === undefined || this.isOwn(root) ? undefined : root;
  }

  private isOwn(root: string): boolean {
    return (
      root.startsWith(this.own) ||
      root === this.kernelRoot ||
      (root.startsWith(this.kernelRoot + path.sep) && !root.includes(`${path.sep}node_modules${path.sep}`))
    );
  }
}

function inWords(root: string, { version }: Loaded): string {
  const manifest = manifestOf(root);
  if (!manifest) return `${path.basename(root)} was removed from the disk. What was imported from it still works.`;
  const versions = manifest.version === version ? "" : ` (${version ?? "?"} → ${manifest.version ?? "?"})`;
  const name = manifest.name ?? path.basename(root);
  return `${name} changed on the disk${versions}. Importing it again loads the new one.`;
}

/** Changes whenever a file of the package does. */
function printOf(root: string): string {
  const parts: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (parts.length > MANY_FILES) return;
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) visit(file);
      } else if (CODE.test(entry.name)) parts.push(stamp(file));
    }
  };
  try {
    visit(root);
  } catch {
    return "gone";
  }
  return parts.length > MANY_FILES ? stamp(path.join(root, "package.json")) : parts.sort().join("\n");
}

const CODE = /\.([cm]?[jt]sx?|json|node|wasm)$/;

function stamp(file: string): string {
  const { mtimeMs, size, ino } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${file} ${mtimeMs} ${size} ${ino}`;
}
