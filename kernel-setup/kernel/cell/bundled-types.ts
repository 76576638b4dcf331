import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "fs";
import * as path from "path";
import type * as tsTypes from "typescript";
import { bundleDeclarations } from "./ambient-bundle";
import { versionOf } from "./watched-files";
import { log } from "../shared/log";

type TypeScript = typeof tsTypes;

/** To be raised when bundles are made in another way. */
const FORMAT = 2;

/** Packages that one file is to declare. */
export interface BundlePlan {
  /** Where the file is written. */
  file: string;
  /** The folder that their declarations lie in, and by which name that folder is imported. */
  folder: string;
  name: string;
  /** Declaration file of each package, by the package's name. */
  entries(): ReadonlyMap<string, string>;
  /** Is it one of their own files? Such a file refers to others by their places. */
  isOwn(file: string): boolean;
  /** What the bundle depends on. */
  recipe(): unknown[];
  /** May they change while the kernel runs? The recipe is then asked for before each cell, and must be quick. */
  changes: boolean;
}

/**
 * Some packages declare themselves in hundreds of files, most of what the compiler has to find and read. So cells see
 * one file that says the same, written at the first start. Where it does not fit (a package of the same name beside the
 * notebook, an import of a part that no other part needs) the compiler goes back to the packages' own files; and where
 * the kernel has none, as in its own package, there is nothing to do.
 */
export class BundledTypes {
  /** The bundle, to be made a part of the program. */
  readonly file?: string;
  private isOutgrown = false;
  private modules: ReadonlyMap<string, string> = new Map();
  private readonly made: string = "";

  constructor(
    private readonly ts: TypeScript,
    private readonly plan: BundlePlan | undefined,
  ) {
    if (!plan) return;
    try {
      this.made = this.recipe();
      this.modules = this.read(plan.file) ?? this.write(plan.file);
      this.file = slashes(plan.file);
    } catch (error) {
      log(`no bundle of the declarations in ${plan.folder}: ${(error as Error).message}`);
    }
  }

  get active(): boolean {
    return this.file !== undefined && !this.isOutgrown;
  }

  /** Is there a module of that name in the bundle? */
  has(name: string): boolean {
    return this.active && this.modules.has(name);
  }

  /** The file of the packages for which an import in the bundle stands: what it imports is found from there. */
  get origin(): string {
    return this.modules.values().next().value!;
  }

  /** Is the module, which the compiler found in a file, declared in the bundle? */
  declares(name: string, found: string | undefined, from: string): boolean {
    if (!this.active) return false;
    // One of their files that is not in the bundle.
    if (this.plan!.isOwn(from)) this.isOutgrown = true;
    const bundled = this.modules.get(name);
    if (bundled === undefined) return false;
    if (found === undefined || this.isSame(found, bundled)) return true;
    this.isOutgrown = true;
    return false;
  }

  /** Have the packages changed? From then on they are read themselves. */
  isOutdated(): boolean {
    if (!this.active || !this.plan!.changes || this.made === this.recipe()) return false;
    return (this.isOutgrown = true);
  }

  /** A package lent to the notebook has a name under which there is no file. */
  private isSame(found: string, bundled: string): boolean {
    if (found === bundled) return true;
    const { name, folder } = this.plan!;
    return found.endsWith(`/node_modules/${name}${bundled.slice(folder.length)}`) && !this.ts.sys.fileExists(found);
  }

  private read(file: string): ReadonlyMap<string, string> | undefined {
    try {
      const { made, modules } = JSON.parse(readFileSync(`${file}.json`, "utf8")) as {
        made: string;
        modules: [string, string][];
      };
      return made === this.made && this.ts.sys.fileExists(file) ? new Map(modules) : undefined;
    } catch {
      return undefined;
    }
  }

  private write(file: string): ReadonlyMap<string, string> {
    mkdirSync(path.dirname(file), { recursive: true });
    // Before the work is done for nothing, as in a sandbox.
    accessSync(path.dirname(file), constants.W_OK);
    const { folder, name } = this.plan!;
    const { text, modules } = bundleDeclarations(this.ts, { folder, name }, this.plan!.entries());
    // Kernels may start together.
    for (const [name, content] of [
      [file, text],
      [`${file}.json`, JSON.stringify({ made: this.made, modules: [...modules] })],
    ]) {
      const temporary = `${name}.${process.pid}`;
      writeFileSync(temporary, content);
      renameSync(temporary, name);
    }
    return modules;
  }

  private recipe(): string {
    return JSON.stringify([FORMAT, this.plan!.folder, ...this.plan!.recipe()]);
  }
}

/** Those that `@tensorflow/tfjs` consists of: 600 files of declarations. */
const TENSORFLOW = [
  "tfjs",
  "tfjs-core",
  "tfjs-layers",
  "tfjs-data",
  "tfjs-converter",
  "tfjs-backend-cpu",
  "tfjs-backend-webgl",
];

/** TensorFlow.js, where it is among the packages of `root`. */
export function tensorflowBundle(root: string): BundlePlan | undefined {
  const folder = slashes(path.join(root, "node_modules/@tensorflow"));
  if (!existsSync(folder)) return undefined;
  const version = (name: string): string => manifest(path.join(folder, name)).version;
  const types = (name: string): string => slashes(path.join(folder, name, manifest(path.join(folder, name)).types!));
  return {
    file: path.join(root, "kernel-setup/dist/tensorflow-types/index.d.ts"),
    folder,
    name: "@tensorflow",
    entries: () => new Map(TENSORFLOW.map((name) => [`@tensorflow/${name}`, types(name)])),
    isOwn: (file) => file.startsWith(`${folder}/`) && TENSORFLOW.includes(file.slice(folder.length + 1).split("/")[0]),
    recipe: () => TENSORFLOW.map(version),
    changes: false,
  };
}

/** The project's own library, as it was compiled last: 140 files. */
export function libraryBundle(root: string): BundlePlan | undefined {
  const folder = slashes(path.join(root, "lib"));
  const built = builtAt(root);
  if (!existsSync(built)) return undefined;
  const { name, types } = manifest(folder);
  return {
    file: path.join(root, "kernel-setup/dist/library-types/index.d.ts"),
    folder,
    name,
    entries: () => new Map([[name, slashes(path.join(folder, types!))]]),
    isOwn: (file) => file.startsWith(`${folder}/`),
    recipe: () => [versionOf(built)],
    changes: true,
  };
}

/** The library changes as a whole, when it is compiled; then this file does. */
export const builtAt = (root: string): string => slashes(path.join(root, "lib/dist/.tsbuildinfo"));

const manifest = (folder: string): { name: string; version: string; types?: string } => {
  const all = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    types?: string;
    typings?: string;
  };
  return { name: all.name, version: all.version, types: all.types ?? all.typings };
};

const slashes = (file: string): string => file.replace(/\\/g, "/");
